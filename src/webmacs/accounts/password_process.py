"""Our end of the process that hashes passwords."""

import json
import select
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, cast

from webmacs.accounts.password_strength import Weakness
from webmacs.accounts.password_worker import AT_ONCE

COMMAND = [sys.executable, "-m", "webmacs.accounts.password_worker"]
# Seconds for an answer. Behind everything else on a busy machine it might never come: then one is asked that does not
# stand back, for this question alone.
PATIENCE = 3.0


class PasswordProcess:
    """Starts the process when it is needed, and anew when it has died. To be used by one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def hash(self, password: str, rounds: int) -> str:
        """The hash of `password`."""
        return str(self._ask("hash", password, rounds))

    def matches(self, password: str, stored: str) -> bool:
        """Whether `password` is the one that was hashed."""
        return self._ask("matches", password, stored) is True

    def weakness(self, password: str, about: Sequence[str]) -> Weakness | None:
        """What makes `password` weak, if anything."""
        found = self._ask("weakness", password, list(about))
        return Weakness(*found) if found else None

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            with suppress(BrokenPipeError):
                self._process.communicate()
            self._process = None

    def _ask(self, *question: str | int | list[str]) -> Any:
        line = json.dumps(question) + "\n"
        try:
            answer = self._exchange(line)
        except BrokenPipeError:
            answer = ""
        if not answer:  # it got no processor, or somebody has killed it
            self._start_anew()
            answer = _ask_at_once(line)
        return json.loads(answer)[0]

    def _exchange(self, line: str) -> str:
        """The answer; nothing if there is none in time."""
        if self._process is None:
            self._process = _start(COMMAND)
        to, back = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        to.write(line)
        to.flush()
        ready, _, _ = select.select([back], [], [], PATIENCE)
        return back.readline() if ready else ""

    def _start_anew(self) -> None:
        if self._process is not None:
            self._process.kill()
        self.close()
        self._process = _start(COMMAND)


def _ask_at_once(line: str) -> str:
    with _start([*COMMAND, AT_ONCE]) as process:
        answer, _ = process.communicate(line)
    return answer


def _start(command: list[str]) -> subprocess.Popen[str]:
    # a session of its own, in which its niceness counts against all others
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
