"""`webmacs-controller read`"""

import asyncio
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from webmacs_controller.cli.options import (
    SETTLE_SECONDS,
    config_option,
    instances_argument,
    instances_or_exit,
    run_async,
)
from webmacs_controller.cli.table import render
from webmacs_controller.measuring.instance import Instance, describe
from webmacs_controller.measuring.point import Point, Source

REFRESH_SECONDS = 1.0
RETRY_SECONDS = 2.0
HOME, REST_OF_LINE, REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"
"""What a terminal does: go to the upper left, clear what is right, clear what is below. Nothing flickers this way."""


@click.command()
@config_option
@click.option("--watch", is_flag=True, help="Go on, once a second, until Ctrl-C.")
@instances_argument
def read(path: Path, watch: bool, names: Sequence[str]) -> None:
    """Show a table of all channels.

    Or those of some instances only. Needs no server, writes nothing. A device that takes one connection only is refused
    while the controller runs.
    """
    _, instances = instances_or_exit(path, names)
    displays = [Display(instance) for instance in instances]
    run_async(_watch(displays) if watch else _once(displays))
    if any(display.problem for display in displays):
        raise SystemExit(1)


class Display:
    """The newest values of one instance, or its `problem`."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.points: dict[Source, Point] = {}
        self.problem = ""

    async def once(self) -> None:
        """One reading."""
        try:
            async with self.instance.connected():
                await asyncio.sleep(SETTLE_SECONDS)
                await self._read()
        except Exception as error:  # whatever a plugin raises
            self._fail(error)

    async def keep(self) -> None:
        """One reading after another, for ever."""
        while True:
            try:
                async with self.instance.connected():
                    await asyncio.sleep(SETTLE_SECONDS)
                    while True:
                        await self._read()
                        await asyncio.sleep(max(REFRESH_SECONDS, self.instance.interval))
            except Exception as error:  # as above
                self._fail(error)
            await asyncio.sleep(RETRY_SECONDS)

    async def _read(self) -> None:
        self.points = {point.source: point for point in await self.instance.read()}
        self.problem = ""

    def _fail(self, error: Exception) -> None:
        """Old values are not shown: they would look alive."""
        self.points, self.problem = {}, describe(error)


async def _once(displays: Sequence[Display]) -> None:
    await asyncio.gather(*(display.once() for display in displays))
    click.echo(_table(displays))


async def _watch(displays: Sequence[Display]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for display in displays:
            tasks.create_task(display.keep())
        await asyncio.sleep(2 * SETTLE_SECONDS)
        click.clear()
        while True:
            _draw(_table(displays), sum(bool(display.problem) for display in displays))
            await asyncio.sleep(REFRESH_SECONDS)


def _table(displays: Sequence[Display]) -> str:
    points = {source: point for display in displays for source, point in display.points.items()}
    problems = {display.instance.name: display.problem for display in displays if display.problem}
    return render([display.instance for display in displays], points, problems)


def _draw(table: str, problems: int) -> None:
    if sys.stdout.isatty():
        size = shutil.get_terminal_size()
        lines = _fitting(table.splitlines(), problems, size.lines - 1)
        click.echo(HOME + "\n".join(line[: size.columns] + REST_OF_LINE for line in lines) + REST_OF_SCREEN)
    else:
        click.echo(table + "\n")


def _fitting(lines: Sequence[str], problems: int, height: int) -> Sequence[str]:
    """No more than the window shows, for what scrolls cannot be drawn over; the last lines, the problems, stay."""
    cut = len(lines) - height + 1
    if cut <= 1:
        return lines
    rows, last = lines[: len(lines) - problems], lines[len(lines) - problems :]
    return [*rows[: max(len(rows) - cut, 0)], f"… {cut} lines more: name the instances that you want to see", *last]
