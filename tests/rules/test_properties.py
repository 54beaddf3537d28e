"""Random rules and histories: SQL and the reference agree. WEBMACS_RULE_EXAMPLES asks for more of them."""

import itertools
import os
from typing import Any

import pytest
from hypothesis import given, settings

from tests.rules.planting import plant_webhook
from tests.rules.random_rules import Act, in_order, some_rules, untidy, with_a_clock
from tests.rules.reference import Machine, Rule
from tests.rules.trial import trial
from tests.support.sql import Sql

EXAMPLES = int(os.environ.get("WEBMACS_RULE_EXAMPLES", "60"))
randomly = settings(max_examples=EXAMPLES)


@pytest.fixture(scope="module", autouse=True)
def _webhook(sql: Sql) -> None:
    plant_webhook(sql.superuser)


def live_as_the_reference(sql: Sql, rules: list[Rule], acts: list[Act]) -> None:
    with trial(sql.superuser, rules) as lived:
        lived.live(acts)
        differing = lived.differences()
    assert not differing, differing


@randomly
@given(some_rules, untidy)
def test_points_in_any_order_and_cut(sql: Sql, rules: list[Rule], acts: list[Act]) -> None:
    live_as_the_reference(sql, rules, acts)


@randomly
@given(some_rules, with_a_clock)
def test_with_a_clock_that_ticks_and_rules_that_change(sql: Sql, rules: list[Rule], acts: list[Act]) -> None:
    live_as_the_reference(sql, rules, acts)


@randomly
@given(some_rules, in_order)
def test_what_fired_live_is_what_test_rule_finds(sql: Sql, rules: list[Rule], acts: list[Act]) -> None:
    with trial(sql.superuser, rules) as lived:
        lived.live(acts)
        for number, event in enumerate(lived.events):
            for place, machine in enumerate(event.machines):
                assert not event.stored or lived.test_rule(number, place) == _firings(machine), machine.rule


def _firings(machine: Machine) -> list[tuple[Any, ...]]:
    """What fired, and what cleared it, if it did."""
    fired = [step for step in machine.steps if step.what == "fired"]
    cleared = [step for step in machine.steps if step.what == "cleared"]
    return [
        (on.at, on.value, *((off.at, off.value) if off else (None, None)))
        for on, off in itertools.zip_longest(fired, cleared)
    ]
