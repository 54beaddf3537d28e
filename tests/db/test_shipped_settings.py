"""The settings of the plugins that ship: what their documents show is allowed here too, and what is wrong is named as
the controller names it."""

import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from webmacs_controller.sdk.config import read_config
from webmacs_controller.sdk.discovery import installed, load
from webmacs_controller.sdk.errors import ConfigError
from webmacs_controller.sdk.schema import schema_of

from tests.support.sql import Sql

DOCUMENTS = sorted((Path(__file__).parents[2] / "docs/plugins").glob("*.md"))
PROBLEM = """
    with told (schema) as (values (%s::jsonb)),
         given as (select apart.* from told, private.without_secrets(%s, told.schema) as apart)
    select private.settings_problem(told.schema, given.config, given.secrets) from told, given
"""
Place = tuple[str | int, ...]


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.stem)
def example(request: pytest.FixtureRequest) -> tuple[type[Any], dict[str, Any]]:
    """The type of a plugin's settings, and those of its document."""
    (instance,) = tomllib.loads(request.param.read_text().split("```toml\n")[1].split("```")[0])["instances"]
    return load(instance["plugin"], installed()[instance["plugin"]]).config_type, instance["config"]


def problem(sql: Sql, kind: type[Any], config: dict[str, Any]) -> str | None:
    row = sql.superuser.execute(PROBLEM, (Jsonb(schema_of(kind)), Jsonb(config))).fetchone()
    assert row is not None
    return None if row[0] is None else str(row[0])


def test_what_the_document_shows_is_allowed(sql: Sql, example: tuple[type[Any], dict[str, Any]]) -> None:
    assert problem(sql, *example) is None


def test_what_is_wrong_is_named_as_by_the_controller(sql: Sql, example: tuple[type[Any], dict[str, Any]]) -> None:
    kind, config = example
    for place in leaves(config):
        changed = deepcopy(config)
        at(changed, place[:-1])[place[-1]] = {}
        with pytest.raises(ConfigError, match=f"^config{re.escape(named(place))}: "):
            read_config(kind, changed, "config")
        words = problem(sql, kind, changed)
        assert words is not None
        assert words.removeprefix("config").removeprefix("secrets").startswith(f"{named(place)} must be ")


def leaves(value: Any, place: Place = ()) -> Iterator[Place]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield place
    else:
        for key, item in items:
            yield from leaves(item, (*place, key))


def at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def named(place: Place) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
