"""What is free on the disk of the database, which it cannot know itself."""

import shutil

from webmacs.config import Config
from webmacs.database import Connection

REPORT = "select private.report_disk(%s)"


def free_bytes(config: Config) -> int | None:
    """On the disk of the embedded server; None: another server may be on another machine."""
    folder = config.database.data_dir
    return shutil.disk_usage(folder).free if config.database.embedded and folder.exists() else None


async def report(connection: Connection, config: Config) -> None:
    """Tell the database."""
    await connection.execute(REPORT, [free_bytes(config)])
