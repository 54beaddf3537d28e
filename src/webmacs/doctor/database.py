"""What the database says of itself."""

import time
from typing import Any

import psycopg

from webmacs.config import Config
from webmacs.doctor.result import Result
from webmacs.keys.folder import load_keys
from webmacs.migrate import status

OLDEST = 150000
ROLES = ["owner", "anon", "viewer", "operator", "admin", "controller", "authenticator", "sidecar", "reader"]
PATIENCE = 5  # seconds to connect
MOST_SECONDS_APART = 2.0
TRUST = "Set the clock (NTP). If it is right as it is: webmacs psql -c 'select private.trust_clock()'"


def server(config: Config) -> Result:
    """It can be reached and is new enough."""
    number, name = _ask(config, "select current_setting('server_version_num')::int, current_setting('server_version')")
    advice = None if number >= OLDEST else "Upgrade to PostgreSQL 15 or newer."
    return Result("database", f"PostgreSQL {name}", advice)


def migrations(config: Config) -> Result:
    """Everything of db/ is applied as it is."""
    files = status(config)
    behind = [file for file in files if file.state != "applied"]
    if behind:
        return Result("migrations", f"{behind[0].name} is {behind[0].state} ({len(behind)} in all)", "webmacs migrate")
    return Result("migrations", f"all {len(files)} files applied")


def roles(config: Config) -> Result:
    """All are there, and those that programs log in with are not above the rules."""
    wanted = [f"webmacs_{role}" for role in ROLES]
    (there,) = _ask(config, "select array_agg(rolname::text) from pg_roles where rolname = any(%s)", wanted)
    missing = sorted(set(wanted) - set(there or []))
    if missing:
        return Result("roles", f"{', '.join(missing)} missing", "webmacs migrate")
    (above,) = _ask(
        config,
        "select array_agg(rolname::text) from pg_roles where rolname = any(%s) and (rolsuper or rolbypassrls)",
        wanted,
    )
    if above:
        return Result(
            "roles", f"{above[0]} passes row-level security", f"alter role {above[0]} nosuperuser nobypassrls"
        )
    return Result("roles", f"all {len(wanted)} there, none above row-level security")


def sidecar_login(config: Config) -> Result:
    """The sidecar's own login works with the password that it has."""
    with psycopg.connect(config.database.uri, connect_timeout=PATIENCE) as connection:
        name = connection.execute("select current_user").fetchone()
    return Result("sidecar login", f"as {name[0] if name else '?'}")


def partitions(config: Config) -> Result:
    """There is room for the values of the coming time."""
    days, enough = _ask(
        config,
        """select extract(epoch from covered_to - now()) / 86400, covered_to > now() + partition_width
             from private.settings""",
    )
    if not enough:
        advice = "webmacs psql -c 'select private.keep_partitions()'; a running sidecar does that hourly"
        return Result("partitions", "none is ready for the time ahead", advice)
    return Result("partitions", f"ready for {days:.0f} days ahead")


def clock(config: Config) -> Result:
    """Our clock and the database's agree, and do not stand before the last migration."""
    (theirs, past) = _ask(
        config,
        """select extract(epoch from clock_timestamp())::float8,
                  clock_timestamp() < (select max(applied_at) from private.migrations)""",
    )
    apart = abs(time.time() - theirs)
    if past:
        return Result("clock", "it stands before the last migration", "Set the clock (NTP): tokens and values need it.")
    (problem,) = _ask(config, "select private.clock_problem()")
    if problem:
        return Result("clock", problem, TRUST)
    advice = None if apart < MOST_SECONDS_APART else "Set both clocks (NTP): tokens and values need them."
    return Result("clock", f"{apart:.1f} s apart from the database's", advice)


def signing_keys(config: Config) -> Result:
    """Every key whose tokens count is in our folder; else another sidecar has keys of its own."""
    here = load_keys(config)
    (elsewhere,) = _ask(
        config,
        "select array_agg(kid) from private.list_keys() where retired_at is null and tokens > 0 and kid <> all(%s)",
        [key.kid for key in here.keys] if here else [],
    )
    if elsewhere:
        found = f"{len(elsewhere)} keys whose tokens count are not in {config.auth.keys_dir}: {elsewhere[0]}"
        return Result(
            "signing keys", found, "All sidecars need the same keys: copy them, or webmacs keys retire that one."
        )
    return Result("signing keys", "those of all tokens that count are here")


def _ask(config: Config, statement: str, *values: object) -> tuple[Any, ...]:
    """One row, as administrator."""
    with psycopg.connect(config.database.admin_uri, connect_timeout=PATIENCE) as connection:
        row = connection.execute(statement.encode(), values).fetchone()
    return row or (None, None)
