"""Events and rules for many cases at once, each with one of its own."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from tests.rules.doors import Sent
from tests.rules.reference import Point, Rule
from tests.support.postgres import Connection

_numbers = itertools.count(1)

MESSAGE = "Rule of this table fired at {time}"
WEBHOOK_TYPE = "sensor.threshold_exceeded"
COLUMNS = """kind, operator, threshold, threshold_high, deadband, window_seconds, timeout_seconds,
             on_delay_seconds, off_delay_seconds, cooldown_seconds"""
PLANT = f"""
with wanted as (
    select * from json_to_recordset(%s) as w (
        name text, event text, latched boolean, kind text, operator text, threshold float8, threshold_high float8,
        deadband float8, window_seconds float8, timeout_seconds float8, on_delay_seconds float8,
        off_delay_seconds float8, cooldown_seconds float8)
), events as (
    insert into private.events (name, unit, min_value, max_value)
    select distinct event, 'V', 0, 1 from wanted
    returning id, public_id, name
), rules as (
    insert into private.rules (name, event_id, latched, message, {COLUMNS})
    select w.name, e.id, latched, '{MESSAGE}', {COLUMNS} from wanted w join events e on e.name = w.event
    returning id, event_id, name
), actions as (
    insert into private.rule_actions (rule_id, kind, webhook_type)
    select r.id, a.kind, a.webhook_type
    from rules r, (values ('log', null), ('alarm', null), ('webhook', '{WEBHOOK_TYPE}')) a (kind, webhook_type)
)
select r.id, e.id, e.public_id::text
from rules r join events e on e.id = r.event_id
order by r.name
"""


@dataclass(frozen=True)
class Planted:
    """An event and the rule that watches it, which writes to the log, raises an alarm and calls a webhook."""

    rule_id: int
    event_id: int
    event_public_id: str

    def sent(self, points: Sequence[Point]) -> list[Sent]:
        """These points, on their way to the event."""
        return [Sent(self.event_id, self.event_public_id, point) for point in points]


def plant(superuser: Connection, rules: Sequence[Rule], rules_an_event: int = 1) -> list[Planted]:
    """These rules, and for so many of them an event; every second one raises alarms that latch."""
    first = next(_numbers)
    wanted = [
        asdict(rule)
        | {
            "name": f"rule {first:04}.{place:04}",
            "event": f"event {first:04}.{place // rules_an_event:04}",
            "latched": latches(place),
        }
        for place, rule in enumerate(rules)
    ]
    return [Planted(*row) for row in superuser.execute(PLANT.encode(), (json.dumps(wanted),))]


def latches(place: int) -> bool:
    """Whether the alarm of the rule at this place latches."""
    return place % 2 == 1


def plant_webhook(superuser: Connection, *more_types: str, reading_interval: timedelta = timedelta(seconds=5)) -> None:
    """One that is told everything of all rules and alarms, and that nobody answers for."""
    superuser.execute(
        "insert into private.webhooks (name, url, secret, types, reading_interval_seconds)"
        " values ('nobody', 'http://127.0.0.1:1/', 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3', %s, %s)",
        ([WEBHOOK_TYPE, "alarm.raised", "alarm.returned", *more_types], reading_interval.total_seconds()),
    )
