"""Whether the database can be copied, before anything is changed."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from webmacs.backup.restore import database_name, maintenance
from webmacs.backup.server import answering
from webmacs.config import Config
from webmacs.embedded.place import find_place
from webmacs.problem import Problem
from webmacs.updating import kept
from webmacs.updating.installation import note_before

BYTES_PER_SECOND = 20_000_000
"""That a slow disk copies, and flushes."""

SPARE_BYTES = 200_000_000
DEBIAN = Path("/var/lib/postgresql")


def copying_seconds(config: Config) -> float:
    """How long a copy may take."""
    return _size(config) / BYTES_PER_SECOND


def get_ready(config: Config, back_up: Callable[[], object]) -> None:
    """For another version: room for a copy, a backup, and how this one is. Raises Problem."""
    require_room(config)
    back_up()
    if config.ota.folder is not None:
        note_before(config.ota.folder, config)


def require_room(config: Config) -> None:
    """Raises Problem."""
    with answering(config), closing(maintenance(config)) as server:
        kept.require_able(server)
    folder = find_place(config).data if config.database.embedded else DEBIAN
    if not folder.exists():
        return  # the server is on another machine: PostgreSQL says it, and the update is taken back
    needed, free = _size(config) + SPARE_BYTES, shutil.disk_usage(folder).free
    if free < needed:
        raise Problem(
            f"The database is copied, so that the update can be taken back: that needs {needed // 1_000_000} MB in"
            f" {folder}, and {free // 1_000_000} MB are free."
        )


def _size(config: Config) -> int:
    with answering(config), closing(maintenance(config)) as server:
        return kept.size(server, database_name(config))
