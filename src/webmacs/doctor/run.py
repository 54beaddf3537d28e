"""Runs all examinations; one that fails itself is a problem with its sentence, and does not stop the others.

Only without a database those that ask it are left out: they would all say the same.
"""

from collections.abc import Callable, Iterator, Mapping

import httpx
import psycopg

from webmacs.config import Config
from webmacs.doctor import audit, certificate, database, files, form, http, sso, units
from webmacs.doctor.result import Result
from webmacs.problem import Problem

Examination = Callable[[Config], Result]

ON_DISK: dict[str, Examination] = {
    "settings": files.settings,
    "keys": files.keys,
    "disk": files.disk,
    "backups": files.backups,
    "certificate": certificate.certificate,
    units.NAME: units.units,
}
IN_DATABASE: dict[str, Examination] = {
    "migrations": database.migrations,
    "roles": database.roles,
    "sidecar login": database.sidecar_login,
    "partitions": database.partitions,
    "clock": database.clock,
    "signing keys": database.signing_keys,
    "audit log": audit.audit_log,
    "REST API": http.rest_api,
}


def examine(config: Config) -> Iterator[Result]:
    """Each result as soon as it is known."""
    yield from each(ON_DISK, config)
    try:
        found, asked = database.server(config), IN_DATABASE
    except psycopg.Error as error:
        found, asked = _away(config, error), {}
    yield found
    yield from each(asked, config)
    yield _guarded("sidecar", http.sidecar, config)
    if config.sso:
        yield _guarded(sso.NAME, sso.identity_providers, config)


def each(examinations: Mapping[str, Examination], config: Config) -> Iterator[Result]:
    """What each finds; one that fails itself is a problem."""
    for name, examination in examinations.items():
        yield _guarded(name, examination, config)


def _away(config: Config, error: psycopg.Error) -> Result:
    """The database cannot be asked; what needs it is named here, once."""
    reason = str(error).splitlines()[0]
    mend = "Correct [database] admin_uri, or start that server"
    if config.database.embedded:
        mend = form.start(config) if "refused" in reason else "Put back the config.toml of these data"
    return Result("database", reason, f"{mend}. Not examined without it: {', '.join(IN_DATABASE)}.")


def _guarded(name: str, examination: Examination, config: Config) -> Result:
    try:
        return examination(config)
    except Problem as problem:
        return Result(name, str(problem), f"Mend that first; {form.start(config)}.")
    except psycopg.Error as error:
        return Result(name, " ".join(str(error).split()), "See whether PostgreSQL runs and `webmacs migrate` was run.")
    except httpx.HTTPError as error:
        return Result(name, f"No answer: {error or type(error).__name__}", f"Start it: {form.start(config)}.")
    except OSError as error:
        return Result(name, str(error), "Mend the rights or the path.")
