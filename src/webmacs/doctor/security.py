"""`webmacs doctor --security`: what would let somebody in who should not be."""

from collections.abc import Iterator

import psycopg

from webmacs.config import Config
from webmacs.doctor import audit, database, files, logins, openings, people, refusals, services, sso
from webmacs.doctor.database import PATIENCE
from webmacs.doctor.lints import LINTS
from webmacs.doctor.result import Result
from webmacs.doctor.run import Examination, each

SHOWN = 5  # of what breaks a rule

EXAMINATIONS: dict[str, Examination] = {
    "settings": files.settings,
    "keys": files.keys,
    "retired keys": openings.retired_keys,
    "signing keys": database.signing_keys,
    "clock": database.clock,
    "public address": openings.public_address,
    "listening": openings.listening,
    "gateway": openings.gateway,
    "postgrest.conf": openings.postgrest_conf,
    "passwords": logins.passwords,
    "stored passwords": logins.stored_passwords,
    "password needed": logins.password_needed,
    "tokens": people.tokens,
    "attempts": people.attempts,
    "audit log": audit.audit_log,
    services.NAME: services.local_services,
    "REST API": refusals.rest_api,
    "sidecar": refusals.sidecar,
}
PROVIDERS: dict[str, Examination] = {sso.NAME: sso.identity_providers}


def examine_security(config: Config) -> Iterator[Result]:
    """Each result as soon as it is known."""
    yield from each(EXAMINATIONS | (PROVIDERS if config.sso else {}), config)
    try:
        with psycopg.connect(config.database.admin_uri, connect_timeout=PATIENCE, autocommit=True) as connection:
            yield from [_lint(connection, rule) for rule in LINTS]
    except psycopg.Error as error:
        reason = str(error).splitlines()[0]
        yield Result("database", reason, "The rules of the database were not examined: see `webmacs doctor`.")


def _lint(connection: psycopg.Connection, rule: str) -> Result:
    broken = connection.execute(LINTS[rule].query.encode()).fetchall()
    shown = "; ".join(" ".join(map(str, row)) for row in broken[:SHOWN])
    more = f" ({len(broken)} in all)" if len(broken) > SHOWN else ""
    return Result(rule, f"{shown}{more}", LINTS[rule].mend if broken else None)
