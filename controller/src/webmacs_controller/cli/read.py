"""`webmacs-controller read`"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import click

from webmacs_controller.assembly import make_instances
from webmacs_controller.cli.options import SETTLE_SECONDS, config_option, load_or_exit, run_async
from webmacs_controller.cli.table import render
from webmacs_controller.measuring.instance import Instance, describe
from webmacs_controller.measuring.point import Point, Source

REFRESH_SECONDS = 1.0


@click.command()
@config_option
@click.option("--watch", is_flag=True, help="Go on, once a second, until Ctrl-C.")
def read(path: Path, watch: bool) -> None:
    """Show a table of all channels with their values now. Needs no server, writes nothing."""
    _, instances = load_or_exit(path, make_instances)
    if run_async(Display(instances).show(watch)):
        raise SystemExit(1)


class Display:
    """Reads every instance and remembers the newest values."""

    def __init__(self, instances: list[Instance]) -> None:
        self._instances = instances
        self._points: dict[Source, Point] = {}
        self._problems: dict[str, str] = {}

    async def show(self, watch: bool) -> dict[str, str]:
        """Print once, or for ever. The problems of the last reading, by instance."""
        async with AsyncExitStack() as stack:
            connected = [instance for instance in self._instances if await self._connect(instance, stack)]
            await asyncio.sleep(SETTLE_SECONDS)
            await self._print(connected)
            while watch:
                await asyncio.sleep(REFRESH_SECONDS)
                click.clear()
                await self._print(connected)
        return self._problems

    async def _connect(self, instance: Instance, stack: AsyncExitStack) -> bool:
        try:
            await stack.enter_async_context(instance.connected())
        except Exception as error:  # whatever a plugin raises
            self._problems[instance.name] = describe(error)
            return False
        return True

    async def _print(self, connected: list[Instance]) -> None:
        await asyncio.gather(*(self._read(instance) for instance in connected))
        click.echo(render(self._instances, self._points, self._problems))

    async def _read(self, instance: Instance) -> None:
        try:
            self._points |= {point.source: point for point in await instance.read()}
            self._problems.pop(instance.name, None)
        except Exception as error:  # as above
            self._problems[instance.name] = describe(error)
