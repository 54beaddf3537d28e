"""Whether a part answers."""

import http.client

import psycopg

from webmacs.config import Config
from webmacs.problem import Problem

SECONDS = 5.0


def http_answers(host: str, port: int, path: str) -> bool:
    """Whether `path` is answered with 200."""
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def postgres_answers(config: Config) -> bool:
    """Whether the embedded server lets us in. Raises Problem if it does not know our password."""
    try:
        psycopg.connect(config.database.admin_uri, dbname="postgres", connect_timeout=int(SECONDS)).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise Problem(
                f"The PostgreSQL of {config.database.data_dir} has another password for postgres than"
                f" [database] admin_password in {config.file}; put back the config.toml that belongs to the data."
            ) from None
        return False
    return True


def controller_answers(config: Config, name: str, since: float) -> bool:
    """Whether the controller of this name came after `since` (seconds since 1970) and has said what it has.

    One that an administrator has disabled is not waited for.
    """
    with psycopg.connect(config.database.admin_uri) as connection:
        row = connection.execute(
            "select from private.controllers"
            " where name = %s and (not enabled or last_seen_at > to_timestamp(%s) and socket_id is not null)",
            (name, since),
        ).fetchone()
    return row is not None
