"""Each answer carries the name of its request."""

from uuid import UUID

import pytest

from tests.sidecar.conftest import Door

HEADER = "X-Request-ID"


@pytest.mark.parametrize("name", ["a", "x" * 64, "Trace-1.2_3"])
def test_a_sane_one_is_taken_over(door: Door, name: str) -> None:
    assert door.client.get("/app-config.json", headers={HEADER: name}).headers[HEADER] == name


@pytest.mark.parametrize("name", ["", "x" * 65, "with space", "semi;colon", "<script>", "a\tb"])
def test_another_is_replaced(door: Door, name: str) -> None:
    UUID(door.client.get("/app-config.json", headers={HEADER: name}).headers[HEADER])


def test_without_one_each_request_gets_its_own(door: Door) -> None:
    assert door.get("/app-config.json").headers[HEADER] != door.get("/app-config.json").headers[HEADER]


@pytest.mark.parametrize("path", ["/auth/nothing", "/auth/me", "/health", "/docs"])
def test_every_answer_has_one(door: Door, path: str) -> None:
    UUID(door.get(path).headers[HEADER])
