"""How programs get into PostgreSQL."""

import psycopg
from psycopg.conninfo import conninfo_to_dict

from webmacs.config import Config
from webmacs.doctor.database import PATIENCE
from webmacs.doctor.result import Result

SHORTEST = 12
NOT_SCRAM = """
    select rolname from pg_authid
     where rolcanlogin and starts_with(rolname, 'webmacs_') and rolpassword not like 'SCRAM-SHA-256$%'
"""
OPEN_LINES = """
    select 'line ' || line_number from pg_hba_file_rules
     where auth_method in ('trust', 'password', 'ident') order by line_number
"""


def passwords(config: Config) -> Result:
    """None that somebody could guess stands in the settings."""
    database = config.database
    uris = {"uri": database.uri, "authenticator_uri": database.authenticator_uri, "admin_uri": database.admin_uri}
    written = {name: conninfo_to_dict(uri).get("password") for name, uri in uris.items()}
    written["reader_password"] = database.reader_password
    short = [name for name, password in written.items() if password and len(str(password)) < SHORTEST]
    if short:
        advice = f"Choose one of at least {SHORTEST} characters; `webmacs setup` makes those of the embedded server."
        return Result("passwords", f"[database] {', '.join(short)}: the password is short", advice)
    return Result("passwords", "those of the database's logins are long, or not in the settings")


def stored_passwords(config: Config) -> Result:
    """What PostgreSQL keeps of the passwords of our logins cannot be used to log in."""
    weak = _ask_superuser(config, NOT_SCRAM)
    if weak is None:
        return _unknown("stored passwords")
    if weak:
        return Result("stored passwords", f"{', '.join(weak)}: not SCRAM", "Set them anew: webmacs migrate")
    return Result("stored passwords", "all are SCRAM")


def password_needed(config: Config) -> Result:
    """pg_hba.conf lets nobody in without one, nor takes it in plain text."""
    open_lines = _ask_superuser(config, OPEN_LINES)
    if open_lines is None:
        return _unknown("password needed")
    if open_lines:
        return Result(
            "password needed",
            f"not by {', '.join(open_lines[:3])} of pg_hba.conf",
            "Write scram-sha-256 there, and reload.",
        )
    return Result("password needed", "by every line of pg_hba.conf")


def _unknown(name: str) -> Result:
    return Result(name, "[database] admin_uri is no superuser and cannot see that")


def _ask_superuser(config: Config, statement: str) -> list[str] | None:
    """The first column; None if only a superuser may ask."""
    with psycopg.connect(config.database.admin_uri, connect_timeout=PATIENCE) as connection:
        try:
            return [text for (text,) in connection.execute(statement.encode())]
        except psycopg.errors.InsufficientPrivilege:
            return None
