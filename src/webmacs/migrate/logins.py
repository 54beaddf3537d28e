"""The passwords of the roles that programs log in with."""

import psycopg
from psycopg import sql

from webmacs.config import Database


def set_passwords(connection: psycopg.Connection, database: Database) -> None:
    """Give each login the password of the configuration; a role whose password is empty there is left as it is.

    Only the SCRAM verifier travels, so no password shows up in the server's log.
    """
    passwords = {
        "webmacs_sidecar": database.sidecar_password,
        "webmacs_authenticator": database.authenticator_password,
        "webmacs_reader": database.reader_password,
    }
    for role, password in passwords.items():
        if password:
            verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
            statement = sql.SQL("alter role {} password {}")
            connection.execute(statement.format(sql.Identifier(role), sql.Literal(verifier.decode())))
