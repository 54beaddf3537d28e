"""The pool of connections that the sidecar shares; every request borrows one."""

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from webmacs.config import Config

Connection = AsyncConnection[TupleRow]
Pool = AsyncConnectionPool[Connection]

# Seconds that a request waits for a connection before it is answered with 503.
PATIENCE = 3.0
CONNECTIONS = 8


def make_pool(config: Config) -> Pool:
    """A pool that is not open yet. Its connections commit each statement by themselves, unless in `transaction()`.

    It opens without a database and finds it later: a connection is tried before it is lent, and attempts to connect
    end soon, because the pool waits twice as long after each failure and would be late to see the database return.
    """
    return AsyncConnectionPool(
        config.database.uri,
        connection_class=AsyncConnection[TupleRow],
        kwargs={"autocommit": True, "application_name": "webmacs sidecar", "connect_timeout": 5},
        min_size=1,
        max_size=CONNECTIONS,
        open=False,
        timeout=PATIENCE,
        reconnect_timeout=PATIENCE,
        check=AsyncConnectionPool.check_connection,
        name="sidecar",
    )
