"""Commands are events for webhooks: command.<state>, once a state."""

from base64 import b64encode
from typing import Any

from tests.support.drive import Drive


def deliveries(drive: Drive, webhook: int) -> list[dict[str, Any]]:
    rows = drive.rows(
        drive.superuser,
        "select body::json as body from private.webhook_deliveries where webhook_id = %s order by id",
        webhook,
    )
    return [row["body"] for row in rows]


def test_every_state_is_an_event(drive: Drive) -> None:
    webhook = drive.number(
        "insert into private.webhooks (name, url, types, secret)"
        " values ('all', 'https://example.org/', '{command.*}', %s) returning id",
        "whsec_" + b64encode(bytes(24)).decode(),
    )
    valve = drive.valve()
    made = drive.set(valve.event, 40, reason="Warm up")
    drive.claim(valve)
    drive.claim(valve, again=True)
    drive.answer(valve.controller, made, "done", 39.5)
    drive.answer(valve.controller, made, "done", 39.5)
    bodies = deliveries(drive, webhook)
    assert [body["type"] for body in bodies] == ["command.queued", "command.sent", "command.done"]
    last = bodies[-1]["data"]
    assert (last["command"], last["event"]) == (str(made["public_id"]), drive.name(valve.event))
    assert (last["value"], last["value_read"], last["state"]) == (40, 39.5, "done")
    assert last["message"] == f"{drive.name(valve.event)} to 40 %: done"
    assert (last["requested_by"], last["reason"]) == (made["requested_by"], "Warm up")
