"""`python -m webmacs.production.postgrest`: PostgREST as systemd wants a service, and a new one without a gap.

PostgREST tells systemd nothing, so its admin port is asked. At SIGHUP another one is started; when it is ready the name
of the socket, a symbolic link, is put on it in one step, and the old one has time to end what it is about.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from webmacs_controller.guard.notify import notify

from webmacs.config import Config, load_config
from webmacs.embedded.postgrest import find_program, write_conf
from webmacs.problem import Problem
from webmacs.supervisor.answers import http_answers

PAUSE = 0.1
LOOK = 5.0  # seconds between two looks at it
GRACE = 20.0  # seconds that requests have when another one has taken over; each statement ends before
LAST = 3.0  # the same, when the service stops
STOP = 5.0  # seconds to end
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
HEARD = {*SIGNALS, signal.SIGCHLD}  # one that has ended is noticed at once


class Worker:
    """One PostgREST, with a socket and an admin port of its own."""

    def __init__(self, config: Config, name: Path, conf: Path) -> None:
        self.socket = name.with_name(f"{name.name}.{os.getpid()}-{time.monotonic_ns()}")
        self._port = _free_port()
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PGRST_", "WEBMACS_"))}
        environment |= {"PGRST_SERVER_UNIX_SOCKET": str(self.socket), "PGRST_ADMIN_SERVER_PORT": str(self._port)}
        self.process = subprocess.Popen(
            [str(find_program(config)), str(conf)],
            env=environment,
            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD),
        )

    def answers(self, path: str) -> bool:
        """/ready: it has read the schema. /live: it takes requests, even if the database is away."""
        return http_answers("127.0.0.1", self._port, path)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def end(self) -> None:
        """Whatever it is about."""
        self.process.terminate()
        try:
            self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.socket.unlink(missing_ok=True)


class Service:
    """The worker that answers, and the one before it for a while."""

    def __init__(self, config: Config) -> None:
        if config.postgrest.socket is None:
            raise Problem("[postgrest] socket is empty; behind Apache it is such as /run/webmacs-rest/postgrest.sock.")
        self._config, self._name = config, config.postgrest.socket
        self._conf = write_conf(config, self._name.parent)
        self._worker = Worker(config, self._name, self._conf)
        self._next: Worker | None = None
        self._old: list[tuple[float, Worker]] = []
        self._ready = False

    def reload(self) -> None:
        """Put a new one in the place of the present one, when it is ready."""
        if self._next is None:
            self._conf = write_conf(load_config(self._config.file), self._name.parent)
            self._next = Worker(self._config, self._name, self._conf)

    def look(self) -> None:
        """Tell systemd how it is. Raises Problem if it has ended."""
        if self._worker.ended:
            raise Problem(f"PostgREST ended with {self._worker.process.returncode}; the lines above say why.")
        if not self._ready and self._worker.answers("/ready"):
            self._put_name_on(self._worker)
            self._ready = True
            notify("READY=1")
        if self._next is not None:
            self._look_at_next(self._next)
        for due, worker in [one for one in self._old if one[0] < time.monotonic()]:
            self._old.remove((due, worker))
            worker.end()
        if self._ready and self._worker.answers("/live"):
            notify("WATCHDOG=1")

    @property
    def busy(self) -> bool:
        """Whether to look again soon."""
        return not self._ready or self._next is not None

    def stop(self) -> None:
        """Nobody finds it any more; who has, gets an answer."""
        notify("STOPPING=1")
        self._name.unlink(missing_ok=True)
        time.sleep(LAST if self._ready else 0)
        for worker in [self._worker, self._next, *(worker for _, worker in self._old)]:
            if worker is not None:
                worker.end()

    def _look_at_next(self, worker: Worker) -> None:
        if worker.ended:
            print(f"The new PostgREST ended with {worker.process.returncode}; the old one stays.", file=sys.stderr)
            self._next = None
        elif worker.answers("/ready"):
            self._put_name_on(worker)
            self._old.append((time.monotonic() + GRACE, self._worker))
            self._worker, self._next = worker, None
            print("A new PostgREST answers from now on.", file=sys.stderr)

    def _put_name_on(self, worker: Worker) -> None:
        draft = self._name.with_name(f".{self._name.name}")
        draft.unlink(missing_ok=True)
        draft.symlink_to(worker.socket.name)
        draft.replace(self._name)


def run(config: Config) -> None:
    """Until a signal to stop. Raises Problem if PostgREST ends."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    service = Service(config)
    try:
        while True:
            received = signal.sigtimedwait(HEARD, PAUSE if service.busy else LOOK)
            heard = received.si_signo if received is not None else None
            if heard in (signal.SIGTERM, signal.SIGINT):
                return
            if heard == signal.SIGHUP:
                service.reload()
            service.look()
    finally:
        service.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def main() -> None:
    """As the unit starts it; WEBMACS_CONFIG names config.toml."""
    try:
        run(load_config())
    except Problem as problem:
        sys.exit(f"Error: {problem}")


if __name__ == "__main__":
    main()
