"""The account that PostgreSQL runs as. It refuses root, and initdb refuses a number without an account."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webmacs.problem import Problem

# Existing unprivileged accounts, best first.
CANDIDATES = ("postgres", "webmacs", "nobody")


@dataclass(frozen=True)
class Account:
    """Who a program runs as."""

    name: str
    uid: int
    gid: int

    def owns_us(self) -> bool:
        """Whether we are this account ourselves."""
        return self.uid == os.geteuid()

    def popen(self) -> dict[str, Any]:
        """The arguments of subprocess that make a child run as this account."""
        return {} if self.owns_us() else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make this account the owner of `path`."""
        if not self.owns_us():
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may go into `folder`, all folders above it included."""
        return subprocess.run(["test", "-x", str(folder)], cwd="/", check=False, **self.popen()).returncode == 0


def choose_account(data_dir: Path) -> Account:
    """Who runs the server of `data_dir`: ourselves, but for root the owner of the data or an unprivileged account.

    Raises Problem if the data belong to someone else, or no account is there.
    """
    owner = data_dir.stat().st_uid if data_dir.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise Problem(
                f"{data_dir} belongs to another account ({_name(owner)}); run webmacs as root or as that one."
            )
        return _of(os.geteuid())
    return _of(owner) if owner else _first_candidate()


def _of(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise Problem(f"The user number {uid} has no account, and PostgreSQL insists on one.") from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _first_candidate() -> Account:
    for name in CANDIDATES:
        try:
            return _of(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    raise Problem(
        "PostgreSQL never runs as root, and there is no account postgres; make one: useradd --system postgres."
    )


def _name(uid: int | None) -> str:
    return next((entry.pw_name for entry in pwd.getpwall() if entry.pw_uid == uid), str(uid))
