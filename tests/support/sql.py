"""SQL as somebody: `sql.as_role("viewer").execute(…)`."""

import json
from types import TracebackType
from typing import Self

from tests.support.database import Database
from tests.support.people import Caller, People
from tests.support.postgres import Connection


class Sql:
    """Connections to one database, closed together."""

    def __init__(self, database: Database, people: People) -> None:
        self.database = database
        self._people = people
        self._open: list[Connection] = []
        self.superuser = self.as_login("postgres")
        self._by_role: dict[str, Connection] = {}

    def as_login(self, login: str) -> Connection:
        """A new connection of this login, without claims."""
        connection = self.database.connect(login)
        self._open.append(connection)
        return connection

    def as_caller(self, caller: Caller, login: str = "webmacs_authenticator") -> Connection:
        """A new connection that has the role and the claims of this caller, as PostgREST's have."""
        connection = self.as_login(login)
        connection.execute(f"set role {caller.database_role}".encode())
        connection.execute("select set_config('request.jwt.claims', %s, false)", (json.dumps(caller.claims),))
        return connection

    def as_role(self, role: str) -> Connection:
        """The connection of the one caller of this role."""
        if role not in self._by_role:
            self._by_role[role] = self.as_caller(self._people.the(role))
        return self._by_role[role]

    def until_blocked(self, connection: Connection) -> None:
        """Return when this connection, which another thread uses, waits for a lock."""
        blockers = "select cardinality(pg_blocking_pids(%s))"
        while self.superuser.execute(blockers, (connection.info.backend_pid,)).fetchone() == (0,):
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for connection in self._open:
            connection.close()
