"""The Unix socket: who may open it, one sidecar at a time, and none that was left behind in the way."""

import socket
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tests.services.program import Program
from tests.support.sidecar import running_sidecar
from webmacs.config import Config
from webmacs.problem import Problem
from webmacs.web.local_socket import local_socket
from webmacs.web.server import listening


def test_the_account_and_its_group_may_open_it_and_nobody_else(sidecar: Config) -> None:
    mode = sidecar.server.local_socket.stat().st_mode
    assert (stat.S_ISSOCK(mode), stat.S_IMODE(mode)) == (True, 0o660)


def test_there_is_none_without_services(config: Config) -> None:
    with listening(replace(config, services=())) as listeners:
        assert [listener.family for listener in listeners] == [socket.AF_INET]


def test_everything_else_is_answered_there_too(historian: Program) -> None:
    assert historian.client.get("/health").status_code in (200, 503)
    assert historian.client.get("/auth/me").status_code == 401


def test_one_that_was_left_behind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "left.sock"
    with local_socket(path):
        pass
    assert path.is_socket()
    with local_socket(path) as listener:
        assert listener.getsockname() == str(path)


def test_another_sidecar_does_not_take_it_away(sidecar: Config) -> None:
    with pytest.raises(Problem, match="another sidecar has it"), local_socket(sidecar.server.local_socket):
        pass
    with Program.at_socket(sidecar.server.local_socket) as program:
        assert program.ask().status_code == 200


def test_it_can_be_had_again_after_the_end(config: Config) -> None:
    for _ in range(2):
        with running_sidecar(config), Program.at_socket(config.server.local_socket) as program:
            assert program.client.get("/auth/me").status_code == 401


def test_a_file_in_its_place_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("precious")
    with pytest.raises(Problem, match=r"config\.toml: Address already in use"), local_socket(path):
        pass
    assert path.read_text() == "precious"


def test_a_path_that_cannot_be_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for path in (tmp_path / ("long" * 30), file / "local.sock"):
        with pytest.raises(Problem, match=r"\[server\] local_socket"), local_socket(path):
            pass
