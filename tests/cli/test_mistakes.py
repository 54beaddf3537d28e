"""A mistake is one line and an exit code that is not 0."""

import pytest

from tests.cli.conftest import Command


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (["nonsense"], 2, "webmacs --help`."),
        (["--nonsense"], 2, "webmacs --help`."),
        (["user", "role", "ada", "king"], 2, "webmacs user role --help`."),
        (["user", "add"], 2, "USERNAME"),
        (["token", "revoke", "x"], 2, "webmacs token revoke --help`."),
        (["demo", "--days", "0"], 2, "webmacs demo --help`."),
        (["token", "issue"], 1, "--controller NAME"),
        (["token", "issue", "--controller", "x", "--role", "admin"], 1, "for a user's token"),
        (["--config", "nowhere.toml", "user", "list"], 1, "There is no nowhere.toml"),
    ],
)
def test_one_line(command: list[str], code: int, said: str, webmacs: Command) -> None:
    run = webmacs(*command)
    assert (run.returncode, run.stdout) == (code, "")
    assert run.stderr.startswith("Error: ")
    assert run.stderr.count("\n") == 1
    assert said in run.stderr


@pytest.mark.parametrize("command", [["user"], ["token"], []])
def test_without_a_subcommand_there_is_help(command: list[str], webmacs: Command) -> None:
    run = webmacs(*command)
    assert "Commands:" in run.stderr + run.stdout
