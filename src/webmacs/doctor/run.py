"""Runs all examinations; one that fails itself is a problem with its sentence, and does not stop the others."""

from collections.abc import Callable, Iterator

import httpx
import psycopg

from webmacs.config import Config
from webmacs.doctor import database, files, http
from webmacs.doctor.result import Result
from webmacs.problem import Problem

Examination = Callable[[Config], Result]

EXAMINATIONS: dict[str, Examination] = {
    "settings": files.settings,
    "keys": files.keys,
    "disk": files.disk,
    "database": database.server,
    "migrations": database.migrations,
    "roles": database.roles,
    "sidecar login": database.sidecar_login,
    "partitions": database.partitions,
    "clock": database.clock,
    "REST API": http.rest_api,
    "sidecar": http.sidecar,
}


def examine(config: Config) -> Iterator[Result]:
    """Each result as soon as it is known."""
    for name, examination in EXAMINATIONS.items():
        yield _guarded(name, examination, config)


def _guarded(name: str, examination: Examination, config: Config) -> Result:
    try:
        return examination(config)
    except Problem as problem:
        return Result(name, str(problem), "Mend that first; `webmacs up` starts all parts.")
    except psycopg.Error as error:
        return Result(name, " ".join(str(error).split()), "See whether PostgreSQL runs and `webmacs migrate` was run.")
    except httpx.HTTPError as error:
        return Result(name, f"No answer: {error or type(error).__name__}", "Start it: `webmacs up` starts all parts.")
    except OSError as error:
        return Result(name, str(error), "Mend the rights or the path.")
