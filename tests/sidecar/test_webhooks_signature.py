"""Signatures, verified with the library of the specification."""

import base64
import json
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from webmacs.webhooks.signature import signatures

OLD, NEW, FOREIGN = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
BODY = json.dumps({"type": "test", "data": {"name": "Kühlung ☃"}}, ensure_ascii=False)


def signed(*secrets: str, body: str = BODY, timestamp: int | None = None) -> dict[str, str]:
    now = timestamp or int(time.time())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(now),
        "webhook-signature": signatures(secrets, "msg_1", now, body.encode()),
    }


def test_the_example_of_the_specification() -> None:
    """As in the test vectors of the libraries."""
    signature = signatures(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_of_two_secrets_verifies() -> None:
    headers = signed(OLD, NEW)
    assert Webhook(OLD).verify(BODY, headers) == Webhook(NEW).verify(BODY, headers) == json.loads(BODY)


@pytest.mark.parametrize("secret", [OLD.removeprefix("whsec_"), OLD.rstrip("=")])
def test_a_secret_without_prefix_or_padding(secret: str) -> None:
    Webhook(OLD).verify(BODY, signed(secret))


@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({}, BODY + " "),
        ({"webhook-id": "msg_2"}, BODY),
        ({"webhook-timestamp": "{later}"}, BODY),
        (signed(FOREIGN), BODY),
    ],
)
def test_what_was_changed_does_not_verify(change: dict[str, str], body: str) -> None:
    now = int(time.time())
    changed = {name: value.format(later=now + 1) for name, value in change.items()}
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(body, signed(OLD, NEW, timestamp=now - 5) | changed)
