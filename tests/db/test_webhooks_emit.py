"""From what happens into the outbox: who wants what, and in which words."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.db.hooks import Happening, Hooks
from tests.db.ingest import START
from tests.db.plant import Plant

TYPES = ["alarm.raised"]

# what a webhook wants, what happens, and whether it hears of it
WANTED: list[tuple[dict[str, Any], Happening, bool]] = [
    ({"types": TYPES}, Happening(), True),
    ({"types": TYPES}, Happening("alarm.returned"), False),
    ({"types": ["alarm.*"]}, Happening("alarm.returned"), True),
    ({"types": ["alarm.*"]}, Happening("command.failed"), False),
    ({"types": ["command.done", "alarm.raised"]}, Happening(), True),
    ({"types": ["system.health_changed"]}, Happening("system.health_changed"), True),
    ({"types": TYPES, "enabled": False}, Happening(), False),
    ({"types": TYPES, "min_severity": "high"}, Happening(severity="low"), False),
    ({"types": TYPES, "min_severity": "high"}, Happening(severity="medium"), False),
    ({"types": TYPES, "min_severity": "high"}, Happening(severity="high"), True),
    ({"types": TYPES, "min_severity": "high"}, Happening(severity="critical"), True),
    ({"types": TYPES, "min_severity": "low"}, Happening(severity="low"), True),
    ({"types": TYPES, "min_severity": "critical"}, Happening(severity=None), True),
]


@pytest.mark.parametrize(("columns", "happening", "heard"), WANTED)
def test_type_and_severity(columns: dict[str, Any], happening: Happening, heard: bool, hooks: Hooks) -> None:
    hooks.add(**columns)
    hooks.emit(happening)
    assert len(hooks.bodies()) == heard


def test_events(hooks: Hooks, plant: Plant) -> None:
    wanted, other = plant.event(), plant.event()
    some, every = hooks.add(event_ids=[wanted]), hooks.add()
    hooks.emit(*(Happening(event=event, data={"event": event}) for event in (wanted, other, None)))
    assert [body["data"]["event"] for body in hooks.bodies(some)] == [wanted, None]
    assert [body["data"]["event"] for body in hooks.bodies(every)] == [wanted, other, None]


def test_a_type_that_is_named_twice_is_heard_once(hooks: Hooks) -> None:
    hooks.add(["alarm.*", "alarm.raised", "alarm.raised"])
    hooks.emit(Happening())
    assert len(hooks.bodies()) == 1


def test_the_body(hooks: Hooks) -> None:
    hooks.add()
    hooks.emit(Happening(data={"value": 1.5, "note": 'a "b"\n'}, at=START + timedelta(microseconds=5)))
    assert hooks.bodies() == [
        {
            "type": "alarm.raised",
            "timestamp": "2026-01-05T12:00:00.000005Z",
            "data": {"value": 1.5, "note": 'a "b"\n'},
        }
    ]


def test_everything_but_the_type_may_be_missing(hooks: Hooks) -> None:
    hooks.add()
    hooks.sidecar.execute("select private.emit(%s, '{null}', '{null}', '{null}', '{null}')", (TYPES,))
    (body,) = hooks.bodies()
    assert body["data"] == {}
    assert body["timestamp"].endswith("Z")


def test_nothing_happened(hooks: Hooks) -> None:
    hooks.add()
    hooks.emit()
    hooks.sidecar.execute("select private.emit(null, null, null, null, null)")
    hooks.sidecar.execute("select private.emit('{null}', '{null}', '{null}', '{null}', '{null}')")
    assert hooks.bodies() == []


def test_each_delivery_has_an_identifier_of_its_own(hooks: Hooks) -> None:
    hooks.add()
    hooks.add()
    hooks.emit(Happening(), Happening())
    identifiers = {row["message_id"] for row in hooks.rows("select message_id from api.webhook_deliveries")}
    assert len(identifiers) == 4
    assert all(len(identifier) == len("msg_") + 36 for identifier in identifiers)


def test_what_is_undone_is_not_told(hooks: Hooks) -> None:
    hooks.add()
    with hooks.sidecar.transaction(force_rollback=True):
        hooks.emit(Happening())
    assert hooks.bodies() == []


def test_the_sidecar_hears_that_something_is_due(hooks: Hooks) -> None:
    listener = hooks.superuser
    listener.execute("listen webmacs_deliveries")
    hooks.add(["system.health_changed"])
    hooks.emit(Happening("alarm.raised"))  # which nobody wants
    hooks.sidecar.execute("notify webmacs_deliveries, 'end'")
    assert next(listener.notifies(timeout=30)).payload == "end"
    hooks.emit(Happening("system.health_changed"))
    assert next(listener.notifies(timeout=30)).payload == ""
    listener.execute("unlisten webmacs_deliveries")


# templates ------------------------------------------------------------------------------------------------------------

SLACK = '{"text": "*{rule}* ({severity}): {message}", "unfurl_links": false}'


def test_slack(hooks: Hooks) -> None:
    hooks.add(template=SLACK)
    hooks.emit(Happening(data={"rule": 'Too "hot"', "severity": "high", "message": "Oven is 250 °C\nnow"}))
    assert hooks.bodies() == [{"text": '*Too "hot"* (high): Oven is 250 °C\nnow', "unfurl_links": False}]


@pytest.mark.parametrize(
    ("template", "sent"),
    [
        ("{event} is {value} {unit}", "Oven is 250.5 °C"),
        ("{type} at {timestamp}", "alarm.raised at 2026-01-05T12:00:00.000000Z"),
        ("{nonsense} {} {{value}} { {value", "{nonsense} {} {250.5} { {value"),
        ("{nothing}|{list}|{flag}", "|[1, 2]|true"),
        ("{brace}", "{value}"),
        ("no placeholder", "no placeholder"),
        ('{"value": {value}}', '{"value": 250.5}'),
    ],
)
def test_a_template_of_text(template: str, sent: str, hooks: Hooks) -> None:
    hooks.add(template=template, content_type="text/plain")
    data = {"event": "Oven", "value": 250.5, "unit": "°C", "nothing": None, "list": [1, 2], "flag": True}
    hooks.emit(Happening(data=data | {"brace": "{value}"}))
    (claimed,) = hooks.claim()
    assert (claimed.body, claimed.content_type) == (sent, "text/plain")


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=5)
KEYS = st.sampled_from(["event", "value", "message", "type", "a_b"])
JSON_TEMPLATES = st.recursive(
    st.lists(TEXT | KEYS.map("{{{}}}".format)).map("".join),
    lambda inner: st.lists(inner) | st.dictionaries(TEXT | KEYS.map("{{{}}}".format), inner),
    max_leaves=5,
)


@settings(max_examples=50)
@given(template=JSON_TEMPLATES, data=st.dictionaries(KEYS, VALUES))
def test_a_template_that_is_json_stays_json_whatever_the_values(
    template: Any, data: dict[str, Any], hooks: Hooks
) -> None:
    hooks.clear()
    text = json.dumps(template)
    if len(text) <= 10000:
        hooks.add(template=text)
        hooks.emit(Happening(data=data))
        hooks.bodies()  # which parses them


@settings(max_examples=50)
@given(value=TEXT, around=TEXT.filter(lambda text: "{" not in text))
def test_a_value_arrives_as_it_is(value: str, around: str, hooks: Hooks) -> None:
    hooks.clear()
    hooks.add(template=json.dumps({"text": around + "{message}" + around}))
    hooks.emit(Happening(data={"message": value}))
    assert hooks.bodies() == [{"text": around + value + around}]
