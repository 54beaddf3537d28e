"""Who holds a port is named."""

import os
import socket

import pytest

from tests.support.ports import free_port
from webmacs.embedded import ports
from webmacs.problem import Problem


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "PATIENCE", 0.0)


def test_a_free_port_is_fine() -> None:
    ports.require_free("127.0.0.1", free_port(), "[server] port")


def test_the_holder_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(Problem) as caught:
        ports.require_free("127.0.0.1", listener.getsockname()[1], "[server] port")
    assert f"process {os.getpid()}" in str(caught.value)
    assert "[server] port" in str(caught.value)


def test_a_host_that_is_no_address_is_one_sentence() -> None:
    with pytest.raises(Problem, match="has no address"):
        ports.require_free("no.such.host.invalid", free_port(), "[server] port")
