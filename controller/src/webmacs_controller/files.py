"""Files that hold secrets."""

import os
from pathlib import Path


def replace_private(path: Path, content: bytes) -> None:
    """The whole file or, after a failure or a power cut, the one before; readable by its owner only. Raises OSError."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
