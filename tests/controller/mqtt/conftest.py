"""A broker, and a plugin and a device that talk over it."""

from collections.abc import Iterator

import pytest

from tests.support.mosquitto import Mosquitto


@pytest.fixture(scope="module")
def shared_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """For tests that leave it as it is; each has its own topics."""
    yield from _running(Mosquitto(tmp_path_factory.mktemp("broker")))


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """One of the test's own."""
    yield from _running(Mosquitto(tmp_path_factory.mktemp("broker")))


def _running(mosquitto: Mosquitto) -> Iterator[Mosquitto]:
    mosquitto.start()
    try:
        yield mosquitto
    finally:
        mosquitto.stop()
