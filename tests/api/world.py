"""One row of each resource that a caller owns, one that it does not, and what to write into them."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from tests.support.bundles import store_bundle
from tests.support.packages import store_package
from tests.support.people import Caller, People
from tests.support.sql import Sql

_numbers = itertools.count(1)
T = "2026-01-05T12:00:00Z"
URL = "https://hooks.example.org/webmacs"
WIDGET = {"id": "a", "type": "text", "x": 0, "y": 0, "w": 6, "h": 4, "options": {"text": "Mind the step"}}
WAY = ("downloading", "verified", "installing", "probation", "completed")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True)
class Belongings:
    """The rows of one caller: a filter for each resource, and the numbers that bodies refer to."""

    filters: dict[str, str]
    event_id: int
    instance_id: int
    controller_id: int
    package_id: int
    experiment_id: int
    file_id: int
    rule_id: int
    jti: str
    user_public_id: str
    alarm_id: int
    set_point_id: int
    webhook_id: int
    delivery_id: int
    bundle_id: int
    pending_update_id: int
    completed_update_id: int


class World:
    """Belongings of each role's caller and of a stranger."""

    def __init__(self, sql: Sql, people: People) -> None:
        self._sql = sql
        self._people = people
        people.user("admin", "second_admin")  # so that the first may go
        stranger = people.user("viewer", "stranger")
        self.foreign = self._belongings(stranger, people.controller("foreign"))
        self.own = {
            role: self._belongings(people.the(role), people.the("controller")) for role in ("viewer", "operator")
        }
        self.own["admin"] = self._belongings(people.the("admin"), people.the("controller"))
        self.own["controller"] = self._belongings(people.the("viewer"), people.the("controller"))
        self.own["controller"].filters["me"] = f"public_id=eq.{people.the('controller').public_id}"
        self.own["anon"] = self.foreign

    def _belongings(self, user: Caller, controller: Caller) -> Belongings:
        token = self._people.api_token(user.name, "viewer")
        instance, mapping, event = self._channel(controller)
        package, assignment = self._packages(controller)
        experiment, note, file = self._experiment(user)
        set_point = self._insert(
            "events (name, event_type, unit, min_value, max_value)", "%s, 'range', '°C', 0, 9", f"set {next(_numbers)}"
        )
        guard = self._insert(
            "interlocks (event_id, source_event_id, operator, threshold, max_age_seconds)",
            "%s, %s, 'lt', 9, 60",
            self._insert(
                "events (name, event_type, unit, min_value, max_value)",
                "%s, 'actuator', '1', 0, 1",
                f"valve {next(_numbers)}",
            ),
            event,
        )
        command = self._insert(
            "commands (event_id, controller_id, value, requested_by, expires_at)",
            "%s, %s, 1, 'somebody', clock_timestamp() + interval '1 minute'",
            event,
            controller.id,
        )
        dashboard = self._dashboard(user)
        entry = self._insert("log_entries (message)", "%s", "something happened")
        webhook = self._insert(
            "webhooks (name, url, secret, types)", "%s, %s, %s, '{alarm.*}'", f"hook {next(_numbers)}", URL, SECRET
        )
        delivery = self._insert(
            "webhook_deliveries (webhook_id, type, content_type, body)", "%s, 'test', 'application/json', '{}'", webhook
        )
        rule = self._insert(
            "rules (name, event_id, operator, threshold)", "%s, %s, 'gt', 90", f"rule {next(_numbers)}", event
        )
        action = self._insert(
            "rule_actions (rule_id, kind, webhook_type)", "%s, 'webhook', 'sensor.threshold_exceeded'", rule
        )
        self._sql.superuser.execute(
            "insert into private.experiment_events (experiment_id, event_id) values (%s, %s)", (experiment, event)
        )
        self._sql.superuser.execute("select * from private.ingest(%s, %s, '{192}', %s, '{1}')", ([None], [event], [T]))
        rule, alarm = self._alarm(event)
        self._row("select private.report_disk(1000000)")
        identity = self._insert(
            "identities (user_id, issuer, subject)", "%s, 'https://id.example.org', %s", user.id, f"s{next(_numbers)}"
        )
        # without which nobody unlinks their own
        self._sql.superuser.execute("update private.users set password_hash = 'x' where id = %s", (user.id,))
        self._row("select private.seal_audit()")
        bundle = store_bundle(self._sql.superuser)
        over = self._update(controller, bundle, "failed")
        completed = self._update(self._people.controller(), bundle, *WAY)
        offer = self._insert("update_offers (address, file_name)", "%s, 'x.update'", f"/x{next(_numbers)}")
        self._row("select private.begin_update_check('/releases', interval '1 day')")
        failure = self._insert("login_failures (user_id, reason)", "%s, 'wrong_password'", user.id)
        filters = {
            "alarm_counts": "severity=eq.low",
            "alarm_journal": f"alarm_id=eq.{alarm}",
            "alarm_response": f"rule_id=eq.{rule}",
            "alarm_shelves": f"rule_id=eq.{rule}",
            "alarms": f"id=eq.{alarm}",
            "alarms_per_hour": "announced=gt.0",
            "api_tokens": f"jti=eq.{token.jti}",
            "audit_log": f"table_name=eq.events&row_id=eq.{event}",
            "audit_seals": "id=eq.1",
            "channel_mappings": f"id=eq.{mapping}",
            "chattering_alarms": f"rule_id=eq.{rule}",
            "commands": f"id=eq.{command}",
            "controller_plugins": f"controller_id=eq.{controller.id}",
            "controller_tokens": f"jti=eq.{controller.jti}",
            "controllers": f"id=eq.{controller.id}",
            "dashboard_widgets": f"dashboard_id=eq.{dashboard}",
            "dashboards": f"id=eq.{dashboard}",
            "datapoints": f"event_id=eq.{event}",
            "events": f"id=eq.{event}",
            "experiment_events": f"experiment_id=eq.{experiment}",
            "experiment_files": f"id=eq.{file}",
            "experiment_notes": f"id=eq.{note}",
            "experiment_storage": f"experiment_id=eq.{experiment}",
            "experiments": f"id=eq.{experiment}",
            "identities": f"id=eq.{identity}",
            "interlocks": f"id=eq.{guard}",
            "latest": f"event_id=eq.{event}",
            "log_entries": f"id=eq.{entry}",
            "login_failures": f"id=eq.{failure}",
            "measurements": f"event_id=eq.{event}",
            "me": f"public_id=eq.{user.public_id}",
            "most_frequent_alarms": f"rule_id=eq.{rule}",
            "plugin_instances": f"id=eq.{instance}",
            "plugin_package_assignments": f"id=eq.{assignment}",
            "plugin_packages": f"id=eq.{package}",
            "housekeeping": "what=eq.delivery",
            "retention": "unit=eq.raw",
            "rule_actions": f"id=eq.{action}",
            "rule_states": f"rule_id=eq.{rule}",
            "rules": f"id=eq.{rule}",
            "sessions": f"jti=eq.{user.jti}",
            "standing_alarms": f"rule_id=eq.{self._rule_that_fired(event, 'fired')}",
            "storage": "unit=eq.raw",
            "storage_forecast": "free_bytes=eq.1000000",
            "update_bundles": f"id=eq.{store_bundle(self._sql.superuser)}",
            "update_offers": f"id=eq.{offer}",
            "update_source": "source=eq./releases",
            "update_steps": f"update_id=eq.{over}",
            "updates": f"id=eq.{over}",
            "users": f"id=eq.{user.id}",
            "webhook_deliveries": f"id=eq.{delivery}",
            "webhooks": f"id=eq.{webhook}",
        }
        numbers = (
            event,
            instance,
            controller.id,
            package,
            experiment,
            file,
            rule,
            str(token.jti),
            str(user.public_id),
            alarm,
            set_point,
            webhook,
            delivery,
            bundle,
            self._update(self._people.controller(), bundle),
            completed,
        )
        return Belongings(filters, *numbers)

    def _channel(self, controller: Caller) -> tuple[int, int, int]:
        """A plugin instance of a controller with one channel that feeds an event: their three numbers."""
        name = f"thing {next(_numbers)}"
        event = self._insert("events (name, unit, min_value, max_value)", "%s, '°C', 0, 100", name)
        instance = self._insert(
            "plugin_instances (controller_id, name, plugin)", "%s, %s, 'simulated'", controller.id, name
        )
        self._sql.superuser.execute(
            "insert into private.controller_plugins (controller_id, plugin, name, version) values (%s, 'p', 'P', '1')"
            " on conflict do nothing",
            (controller.id,),
        )
        columns = "channel_mappings (plugin_instance_id, channel, channel_name, unit, event_id)"
        mapping = self._insert(columns, "%s, 'c', 'c', '°C', %s", instance, event)
        return instance, mapping, event

    def _packages(self, controller: Caller) -> tuple[int, int]:
        """A package that nobody has, and the assignment of another to this controller: their two numbers."""
        free, taken = (store_package(self._sql.superuser, f"package-{next(_numbers)}") for _ in range(2))
        columns = "plugin_package_assignments (controller_id, package_id)"
        return free, self._insert(columns, "%s, %s", controller.id, taken)

    def _update(self, controller: Caller, bundle: int, *states: str) -> int:
        """An update that went this way; without one it waits for somebody's approval."""
        number = self._insert("updates (controller_id, bundle_id)", "%s, %s", controller.id, bundle)
        if not states:
            self._sql.superuser.execute("update private.updates set approved_at = null where id = %s", (number,))
        for state in states:
            self._sql.superuser.execute("update private.updates set state = %s where id = %s", (state, number))
        return number

    def _experiment(self, user: Caller) -> tuple[int, int, int]:
        """An experiment with a note and a file of this user: their three numbers."""
        experiment = self._insert("experiments (name)", "%s", f"run {next(_numbers)}")
        note = self._insert("experiment_notes (experiment_id, text)", "%s, 'it smells'", experiment)
        file = self._insert(
            "experiment_files (experiment_id, name, media_type, size, sha256)",
            "%s, 'x', 'text/plain', 1, ''",
            experiment,
        )
        self._sql.superuser.execute("insert into private.experiment_file_bytes values (%s, 'x')", (file,))
        # whoever inserts is the author, and here that was no user
        self._sql.superuser.execute("update private.experiment_notes set user_id = %s where id = %s", (user.id, note))
        return experiment, note, file

    def _dashboard(self, user: Caller) -> int:
        """One of this user with a widget on it, which is not shared."""
        name = f"dashboard {next(_numbers)}"
        number = self._insert("dashboards (name, widgets)", "%s, %s", name, Jsonb([WIDGET]))
        self._sql.superuser.execute("update private.dashboards set user_id = %s where id = %s", (user.id, number))
        return number

    def _alarm(self, event: int) -> tuple[int, int]:
        """A rule and its alarm, which chattered, is shelved and waits for its reset."""
        rule = self._rule_that_fired(event, *["fired", "cleared"] * 3)
        (alarm,) = self._row("select id from private.alarms where rule_id = %s", rule)
        self._row("select api.acknowledge_alarm(array[%s]::bigint[])", alarm)
        self._row("select api.shelve_alarm(%s, now() + interval '1 day', 'being mended')", alarm)
        return rule, alarm

    def _rule_that_fired(self, event: int, *steps: str) -> int:
        columns = "rules (name, event_id, operator, threshold, latched)"
        rule = self._insert(columns, "%s, %s, 'gt', 50, true", f"hot {next(_numbers)}", event)
        self._insert("rule_actions (rule_id, kind)", "%s, 'alarm'", rule)
        self._row(
            "select private.rule_alarms(array_agg(%s::int), array_agg(step), array_agg(now()), array_agg(51::float8),"
            " array_agg(step)) from unnest(%s::text[]) as step",
            rule,
            list(steps),
        )
        return rule

    def _row(self, statement: str, *parameters: object) -> tuple[Any, ...]:
        row = self._sql.superuser.execute(statement.encode(), parameters).fetchone()
        assert row is not None
        return row

    def _insert(self, into: str, values: str, *parameters: object) -> int:
        statement = f"insert into private.{into} values ({values}) returning id"
        number: int = self._row(statement, *parameters)[0]
        return number


def new_row(resource: str, of: Belongings) -> dict[str, Any]:
    """A body that can be inserted into this resource, beside these belongings."""
    name = f"new {next(_numbers)}"
    bodies: dict[str, dict[str, Any]] = {
        "channel_mappings": {"plugin_instance_id": of.instance_id, "channel": name, "channel_name": name, "unit": "V"},
        "controllers": {"name": name},
        "dashboards": {"name": name, "widgets": [WIDGET]},
        "datapoints": {"event_id": of.event_id, "ts": "2026-01-06T12:00:00Z", "value": 2.5},
        "events": {"name": name, "unit": "bar", "min_value": 0, "max_value": 10},
        "experiment_events": {"experiment_id": of.experiment_id, "event_id": _other_event(of)},
        "experiment_notes": {"experiment_id": of.experiment_id, "text": name},
        "experiments": {"name": name},
        "interlocks": {
            "event_id": of.set_point_id,
            "source_event_id": of.event_id,
            "operator": "lt",
            "threshold": 5,
            "max_age_seconds": 60,
        },
        "log_entries": {"message": name},
        "plugin_instances": {"controller_id": of.controller_id, "name": name, "plugin": "simulated"},
        "plugin_package_assignments": {"controller_id": of.controller_id, "package_id": of.package_id},
        "rule_actions": {"rule_id": of.rule_id, "kind": "log"},
        "rules": {"name": name, "event_id": of.event_id, "operator": "gt", "threshold": 50},
        "updates": {"controller_id": of.controller_id, "bundle_id": of.bundle_id},
        "users": {"username": f"user{next(_numbers)}"},
        "webhooks": {"name": name, "url": URL, "types": ["alarm.raised"], "event_ids": [of.event_id]},
    }
    return bodies.get(resource) or CHANGES[resource]


def _other_event(of: Belongings) -> int:
    """Belongings are made one after the other, so the event before or after is there and not in this experiment."""
    return of.event_id - 1 if of.event_id > 1 else of.event_id + 1


CHANGES: dict[str, dict[str, Any]] = {
    "alarm_counts": {"open": 0},
    "alarm_journal": {"comment": "changed"},
    "alarm_response": {"acknowledged": 0},
    "alarm_shelves": {"reason": "changed"},
    "alarms": {"state": "normal"},
    "alarms_per_hour": {"announced": 0},
    "api_tokens": {"name": "changed"},
    "audit_log": {"actor": "changed"},
    "audit_seals": {"settled_to": 0},
    "channel_mappings": {"deadband": 0.5},
    "chattering_alarms": {"chatters": 0},
    "commands": {"value": 9},
    "controller_plugins": {"version": "changed"},
    "controller_tokens": {"name": "changed"},
    "controllers": {"description": "changed"},
    "dashboard_widgets": {"x": 1},
    "dashboards": {"name": "changed", "version": 1},
    "datapoints": {"value": 9},
    "events": {"description": "changed"},
    "experiment_events": {"event_id": 1},
    "experiment_files": {"name": "changed"},
    "experiment_notes": {"text": "changed"},
    "experiment_storage": {"bytes": 0},
    "experiments": {"description": "changed"},
    "identities": {"subject": "changed"},
    "interlocks": {"threshold": 6},
    "latest": {"value": 9},
    "log_entries": {"is_read": True},
    "login_failures": {"reason": "disabled"},
    "measurements": {"value": 9},
    "me": {"name": "changed"},
    "most_frequent_alarms": {"raised": 0},
    "plugin_instances": {"enabled": False},
    "plugin_package_assignments": {"package_id": 1},
    "plugin_packages": {"summary": "changed"},
    "housekeeping": {"days": 60},
    "retention": {"age_days": 3650},
    "rule_actions": {"webhook_type": "sensor.reading"},
    "rule_states": {"active": True},
    "rules": {"threshold": 80},
    "sessions": {"expires_at": "2099-01-01T00:00:00Z"},
    "standing_alarms": {"name": "changed"},
    "storage": {"bytes": 0},
    "storage_forecast": {"bytes": 0},
    "update_bundles": {"changes": "changed"},
    "update_offers": {"notes": "changed"},
    "update_source": {"source": "changed"},
    "update_steps": {"detail": "changed"},
    "updates": {"detail": "changed"},
    "users": {"email": "changed@example.org"},
    "webhook_deliveries": {"state": "dead"},
    "webhooks": {"enabled": False},
}


def _tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


def arguments(function: str, of: Belongings) -> dict[str, Any]:
    """Arguments with which this function acts on these belongings."""
    by_function: dict[str, dict[str, Any]] = {
        "approve_update": {"update_id": of.pending_update_id},
        "withdraw_update": {"update_id": of.pending_update_id},
        "roll_back_update": {"update_id": of.completed_update_id},
        "acknowledge_alarm": {"alarm_ids": [of.alarm_id]},
        "delete_datapoints": {"event_id": of.event_id, "from": "2026-01-01", "to": "2026-02-01"},
        "experiment_file": {"file_id": of.file_id},
        "experiment_summary": {"experiment_id": of.experiment_id},
        "ingest": {"points": [{"event_id": of.event_id, "value": 3, "timestamp": "2026-01-07T12:00:00Z"}]},
        "history_partitions": {},
        "preview_retention": {"unit": "raw", "age_days": 30, "budget_bytes": None},
        "verify_audit": {},
        "purge_event": {"event_id": of.event_id},
        "redeliver": {"delivery_id": of.delivery_id},
        "reset_alarm": {"alarm_id": of.alarm_id},
        "reset_password": {"user_public_id": of.user_public_id},
        "revoke": {"jti": of.jti},
        "revoke_all": {"user_public_id": of.user_public_id},
        "rotate_webhook_secret": {"webhook_id": of.webhook_id},
        "shelve_alarm": {"alarm_id": of.alarm_id, "until": _tomorrow(), "reason": "still being mended"},
        "set_value": {"event_id": of.set_point_id, "value": 5},
        "series": {"event_ids": [of.event_id], "from": "2026-01-01", "to": "2026-02-01"},
        "statistics": {"event_id": of.event_id, "from": "2026-01-01", "to": "2026-02-01"},
        "start_experiment": {"name": f"new {next(_numbers)}", "event_ids": [of.event_id]},
        "stop_experiment": {"experiment_id": of.experiment_id},
        "unshelve_alarm": {"alarm_id": of.alarm_id},
        "save_rule": {"rule": {"id": of.rule_id, "version": 1, "threshold": 70, "actions": [{"kind": "log"}]}},
        "test_webhook": {"webhook_id": of.webhook_id},
        "test_rule": {"rule": {"id": of.rule_id}, "from": "2026-01-01", "to": "2026-02-01"},
    }
    return by_function[function]


def call(function: str, of: Belongings) -> dict[str, Any]:
    """Body and headers with which this function acts on these belongings."""
    if function == "upload_experiment_file":
        headers = {"Content-Type": "application/octet-stream", "File-Name": "x", "Experiment-Id": str(of.experiment_id)}
        return {"content": b"x", "headers": headers}
    return {"json": arguments(function, of), "headers": {}}
