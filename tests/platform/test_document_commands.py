"""Commands that documents tell people to type: the subcommand and its options are there, and so are units."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from webmacs_controller.cli.main import main as controller

from tests.platform.test_documents import DOCUMENTS, ROOT
from webmacs.cli.main import COMMANDS
from webmacs.cli.main import main as server

PROGRAMS: dict[str, click.Group] = {"webmacs": server, "webmacs-controller": controller}
# Texts beside the documents, in which commands stand in backquotes.
BESIDE = [file for pattern in ("monitoring/*.yml", "systemd/*", "*.toml", "docker/*") for file in ROOT.glob(pattern)]
FENCED = re.compile(r"^```(?:sh)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^ {4}\S.*\n)+", re.MULTILINE)
INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
# Not the value of an option, as in `install -o webmacs`; up to a comment, or what the shell does next.
CALL = re.compile(r"(?:^|(?<= )|/)(?<!-\w )(webmacs|webmacs-controller)(?: ((?:'[^']*'|\"[^\"]*\"|[^#|;&>'\"])*)|$)")
LEFT_OUT = "…"
UNITS = re.compile(r"\bwebmacs(?:-[a-z]+)*(?:@[\d*]?)?\.(?:service|timer|socket|target)\b")
OF_SYSTEMD = re.compile(r"(?:systemctl [a-z-]+|journalctl -u) ([^`#&\n]+)")


def blocks(text: str) -> list[str]:
    """Lines to be typed as they are, each whole."""
    found = [*FENCED.findall(text), *INDENTED.findall(FENCED.sub("", text))]
    return [line for block in found for line in re.sub(r"\\\n\s*", "", block).splitlines()]


def called(text: str) -> Iterator[tuple[click.Group, list[str]]]:
    """Each program of ours that is called there, with what is said to it."""
    for name, said in CALL.findall("" if text.startswith("psql ") else text):
        try:
            yield PROGRAMS[name], shlex.split(said)
        except ValueError:  # what is quoted goes on in another line
            yield PROGRAMS[name], said.split()


def mistake(program: click.Group, said: list[str], whole: bool) -> str | None:
    """What is wrong with it; `whole`: nothing that is needed may be missing."""
    whole = whole and LEFT_OUT not in said
    command: click.Command = program
    context = click.Context(program)
    rest = [word for word in said if word != LEFT_OUT]
    try:
        while True:
            given, rest, _ = command.make_parser(context).parse_args(rest)
            if not isinstance(command, click.Group) or not rest:
                break
            found = command.get_command(context, rest[0])
            if found is None:
                return f"there is no {rest[0]}"
            command, context = found, click.Context(found, context, rest.pop(0), **found.context_settings)
    except click.UsageError as error:
        return error.format_message()
    if rest:
        return f"{command.name} does not take {rest}"
    missing = [one.human_readable_name for one in command.params if one.required and not _has(given, one)]
    return f"{missing[0]} is missing" if whole and missing and "help" not in given else None


def _has(given: dict[str, object], parameter: click.Parameter) -> bool:
    return str(given.get(str(parameter.name))) not in ("None", "()", "Sentinel.UNSET")


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_each_command_can_be_typed(file: Path) -> None:
    text = file.read_text()
    typed = {True: blocks(text), False: [" ".join(code.split()) for code in INLINE.findall(FENCED.sub("", text))]}
    found = [
        f"{' '.join(said)}: {wrong}"
        for whole, lines in typed.items()
        for line in lines
        for program, said in called(line)
        if (wrong := mistake(program, said, whole))
    ]
    assert found == []


@pytest.mark.parametrize("file", BESIDE, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_each_command_that_is_named_beside_them_too(file: Path) -> None:
    named = [call for code in INLINE.findall(file.read_text()) for call in called(" ".join(code.split()))]
    assert [(said, wrong) for program, said in named if (wrong := mistake(program, said, whole=False))] == []


def test_each_command_that_the_doctor_advises_is_there() -> None:
    text = "\n".join(file.read_text() for file in sorted(ROOT.glob("src/webmacs/doctor/*.py")))
    advised = set(re.findall(r"(?<!-t )\bwebmacs ([a-z-]+)(?=[ `\"';,.])", text))
    assert "keys" in advised
    assert sorted(advised - COMMANDS.keys()) == []


@pytest.mark.parametrize("file", [*DOCUMENTS, *BESIDE], ids=lambda file: file.relative_to(ROOT).as_posix())
def test_each_unit_that_is_named_is_there(file: Path) -> None:
    text = file.read_text()
    ours = {unit.name for unit in ROOT.glob("systemd/webmacs*")}
    short = {re.sub(r"\.\w+$", "", name) for name in ours}
    words = {word.strip("'\",.()") for said in OF_SYSTEMD.findall(text) for word in said.split()}
    named = {*UNITS.findall(text), *(word for word in words if word.startswith("webmacs"))}
    missing = {name for name in named if not _fits(name, ours | short)}
    assert sorted(missing) == []


def _fits(name: str, there: set[str]) -> bool:
    """As systemctl reads it: an instance is of its template, and `*` is anything."""
    pattern = re.escape(re.sub(r"@[\d*]", "@", name)).replace(r"\*", ".*")
    return any(re.fullmatch(pattern, one) for one in there)
