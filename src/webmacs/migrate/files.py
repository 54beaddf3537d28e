"""The files of db/, in the order in which they are applied."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

# As the administrator, at every migration, not recorded.
ROLES = "roles.sql"
# reset.sql drops what the repeatable files define; all others stand on access.sql.
FIRST = ("reset.sql", "access.sql")


@dataclass(frozen=True)
class SqlFile:
    """A file of db/. `name` is its path below db/, which is what private.migrations records."""

    name: str
    path: Path
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def text(self) -> str:
        return self.content.decode("utf-8")


def roles(db: Path) -> SqlFile:
    """The roles, the schemas and the bookkeeping table."""
    return _read(db, db / ROLES)


def migrations(db: Path) -> list[SqlFile]:
    """Forward only, each run once."""
    return [_read(db, path) for path in sorted((db / "migrations").glob("*.sql"))]


def repeatables(db: Path) -> list[SqlFile]:
    """The current definition of every domain: all are applied again when one of them changes."""
    names = sorted(path.name for path in db.glob("*.sql") if path.name not in (ROLES, *FIRST))
    return [_read(db, db / name) for name in (*FIRST, *names) if (db / name).exists()]


def _read(db: Path, path: Path) -> SqlFile:
    return SqlFile(path.relative_to(db).as_posix(), path, path.read_bytes())
