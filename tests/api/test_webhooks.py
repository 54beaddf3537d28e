"""Webhooks as an administrator's program sees them."""

import itertools
from typing import Any

import httpx
import pytest

from tests.api.world import SECRET, URL, World
from tests.support.rest import Api

RETURN = {"Prefer": "return=representation"}
STRANGER = 2_000_000_000
_numbers = itertools.count(1)


@pytest.fixture
def admin(api: Api) -> httpx.Client:
    return api.as_role("admin")


def _add(admin: httpx.Client, **columns: object) -> dict[str, Any]:
    """A webhook, as the answer shows it."""
    row = {"name": f"my hook {next(_numbers)}", "url": URL, "types": ["alarm.*"], **columns}
    answer = admin.post("/webhooks", json=row, headers=RETURN)
    assert answer.status_code == 201, answer.text
    (made,) = answer.json()
    assert isinstance(made, dict)
    return made


def test_a_secret_goes_in_and_never_comes_out(admin: httpx.Client) -> None:
    made = _add(admin, secret=SECRET)
    row = f"/webhooks?id=eq.{made['id']}"
    changed = admin.patch(row, json={"secret": SECRET}, headers=RETURN)
    assert made["secret"] is None
    assert changed.status_code == 200
    assert "whsec" not in changed.text + admin.get(row).text + admin.get("/webhook_deliveries").text
    assert "whsec" not in admin.get("/audit_log?table_name=eq.webhooks").text


@pytest.mark.parametrize("wrong", [{"url": "nowhere"}, {"min_severity": "urgent"}, {"name": None}])
def test_a_refusal_does_not_show_the_row_with_its_secrets(wrong: dict[str, Any], admin: httpx.Client) -> None:
    hook = _add(admin, secret=SECRET)["id"]
    admin.post("/rpc/rotate_webhook_secret", json={"webhook_id": hook})
    refused = admin.patch(f"/webhooks?id=eq.{hook}", json=wrong)
    assert refused.status_code == 400
    assert "whsec" not in refused.text
    assert refused.json()["code"].startswith("23")
    assert next(iter(wrong)) in refused.json()["message"]


def test_a_new_secret_is_said_once(admin: httpx.Client) -> None:
    hook = _add(admin)["id"]
    first, second = (admin.post("/rpc/rotate_webhook_secret", json={"webhook_id": hook}).json() for _ in range(2))
    assert first.startswith("whsec_")
    assert first != second


def test_what_is_wrong_leaves_nothing_behind(admin: httpx.Client) -> None:
    row = {"name": "half a hook", "url": URL, "types": ["alarm.*"], "event_ids": [STRANGER]}
    assert admin.post("/webhooks", json=row).status_code == 409
    assert admin.get("/webhooks?name=eq.half a hook").json() == []


def test_a_change_that_is_wrong_changes_nothing(admin: httpx.Client, world: World) -> None:
    hook = _add(admin, event_ids=[world.foreign.event_id])["id"]
    row = f"/webhooks?id=eq.{hook}"
    assert admin.patch(row, json={"min_severity": "high", "event_ids": [STRANGER]}).status_code == 409
    (shown,) = admin.get(row).json()
    assert (shown["min_severity"], shown["event_ids"]) == (None, [world.foreign.event_id])


def test_a_test_is_queued_and_shown(admin: httpx.Client) -> None:
    hook = _add(admin)["id"]
    number = admin.post("/rpc/test_webhook", json={"webhook_id": hook}).json()
    (shown,) = admin.get(f"/webhook_deliveries?id=eq.{number}").json()
    assert (shown["webhook_id"], shown["type"], shown["state"]) == (hook, "test", "queued")
    assert shown["message_id"].startswith("msg_")
    assert admin.post("/rpc/redeliver", json={"delivery_id": number}).status_code == 204


@pytest.mark.parametrize(
    ("function", "arguments", "status", "message"),
    [
        ("test_webhook", {"webhook_id": STRANGER}, 404, f"There is no webhook {STRANGER}."),
        ("test_webhook", {"webhook_id": None}, 404, "There is no webhook null."),
        ("redeliver", {"delivery_id": STRANGER}, 404, f"There is no delivery {STRANGER}."),
        ("rotate_webhook_secret", {"webhook_id": STRANGER}, 404, f"There is no webhook {STRANGER}."),
        (
            "rotate_webhook_secret",
            {"webhook_id": 1, "keep_previous_seconds": -1},
            400,
            "keep_previous_seconds must be from 0 to 2592000 (30 days).",
        ),
    ],
)
def test_mistakes(function: str, arguments: dict[str, Any], status: int, message: str, admin: httpx.Client) -> None:
    answer = admin.post(f"/rpc/{function}", json=arguments)
    assert (answer.status_code, answer.json()["message"]) == (status, message)


def test_a_disabled_webhook_is_not_tried_out(admin: httpx.Client) -> None:
    hook = _add(admin, name="asleep", enabled=False)["id"]
    answer = admin.post("/rpc/test_webhook", json={"webhook_id": hook})
    assert (answer.status_code, answer.json()["message"]) == (409, "Webhook asleep is disabled.")


def test_an_upsert_is_refused_in_so_many_words(admin: httpx.Client) -> None:
    made = _add(admin)
    row = {"name": made["name"], "url": URL, "types": ["alarm.*"]}
    answer = admin.post("/webhooks?on_conflict=name", json=row, headers={"Prefer": "resolution=merge-duplicates"})
    assert 400 <= answer.status_code < 500, answer.text


def test_many_at_once(admin: httpx.Client) -> None:
    rows = [{"name": f"one of many {place}", "url": URL, "types": ["alarm.*"]} for place in range(3)]
    assert len(admin.post("/webhooks", json=rows, headers=RETURN).json()) == 3
    deleted = admin.delete("/webhooks?name=like.one of many *", headers=RETURN)
    assert len(deleted.json()) == 3
