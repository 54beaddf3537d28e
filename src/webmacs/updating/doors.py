"""What the database is told of the version that runs: whether anybody gets in, and whether it can be replaced."""

from contextlib import closing

from webmacs.config import Config
from webmacs.migrate.connect import connect

SAY = """
    update private.settings set closed = %(closed)s::text, server_version = %(version)s::text
    where (closed, server_version) is distinct from (%(closed)s::text, %(version)s::text)
"""


def say(config: Config, version: str, closed: str | None = None) -> None:
    """Let nobody in for this reason; None: everybody. `version`: empty where no launcher starts it. Raises Problem."""
    with closing(connect(config.database.admin_uri)) as connection:
        connection.execute("set role webmacs_owner")
        connection.execute(SAY, {"closed": closed, "version": version or None})
