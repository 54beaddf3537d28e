"""Writing files that hold secrets, and whose they are."""

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file that only we can read, whole or not at all; a reader finds the old one or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def give(descriptor: int, folder: Path) -> None:
    """An open file belongs to whom the folder belongs to: root may do by hand what a service does each night."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
