"""`webmacs-controller write`"""

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from webmacs_controller.cli.options import config_option, instances_or_exit, run_async, stop_on_signals
from webmacs_controller.commands.journal import Journal, JournalError
from webmacs_controller.measuring.instance import Instance, describe
from webmacs_controller.sdk import Channel
from webmacs_controller.sdk.quality import reason
from webmacs_controller.settings import Settings


@click.command(context_settings={"ignore_unknown_options": True})  # -5 is a value
@config_option
@click.option("--seconds", type=click.FloatRange(min=0.1), help="Hold it so long, not until Ctrl-C.")
@click.argument("instance")
@click.argument("channel")
@click.argument("value", type=float)
def write(path: Path, seconds: float | None, instance: str, channel: str, value: float) -> None:
    """Set an output and hold it until Ctrl-C.

    Then it goes to its safe value. For trying a device while the controller does not run here: the range is checked,
    but no interlock of WebMACS is.
    """
    settings, [chosen] = instances_or_exit(path, [instance])
    output = _output(chosen, channel)
    if not output.allows(value):
        raise click.ClickException(f"{channel} takes {output.min:g} to {output.max:g} {output.unit}, not {value:g}")
    with _no_controller_beside(settings):
        try:
            run_async(_hold(chosen, output, value, seconds))
        except click.ClickException:
            raise
        except Exception as error:  # whatever a plugin raises
            raise click.ClickException(describe(error)) from None


def _output(instance: Instance, channel_id: str) -> Channel:
    outputs = {output.id: output for output in instance.outputs}
    if channel_id not in outputs:
        there = f"its outputs are {', '.join(outputs)}" if outputs else "it has none"
        raise click.ClickException(f"{instance.name} has no output {channel_id!r}; {there}")
    return outputs[channel_id]


@contextmanager
def _no_controller_beside(settings: Settings) -> Iterator[None]:
    """Its journal is open as long as this lasts: a controller that is started meanwhile moves nothing. One that is
    started after a failure makes outputs safe."""
    journal = Journal(settings.journal_file)
    try:
        clean, _ = journal.start()
    except JournalError as error:
        raise click.ClickException(f"{error}. While the controller runs here, set outputs in WebMACS.") from None
    try:
        yield
        if clean:
            journal.stop()
    finally:
        journal.close()


async def _hold(instance: Instance, output: Channel, value: float, seconds: float | None) -> None:
    stop = stop_on_signals()
    async with instance.connected():
        try:
            await instance.write(output.id, value)
            when = "at Ctrl-C" if seconds is None else f"in {seconds:g} s"
            safe = f"{when} it goes to its safe value, {output.safe_value:g} {output.unit}"
            click.echo(f"{await _shown(instance, output)}; {safe}")
            await _keep_reading(instance, stop, math.inf if seconds is None else seconds)
        finally:
            await _make_safe(instance, output)


async def _keep_reading(instance: Instance, stop: asyncio.Event, seconds: float) -> None:
    """So that a device that watches its master is content, and one that is gone is noticed."""
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    while not stop.is_set() and clock() < end:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), min(instance.interval, end - clock()))
        await instance.read()


async def _make_safe(instance: Instance, output: Channel) -> None:
    if output.safe_value is None:  # never for an output, see Channel
        return
    try:
        await instance.write(output.id, output.safe_value)
        click.echo(await _shown(instance, output))
    except Exception as error:  # whatever a plugin raises
        raise click.ClickException(f"{output.id} is NOT at its safe value: {describe(error)}") from None


async def _shown(instance: Instance, output: Channel) -> str:
    """What the device says, not what was wanted."""
    for point in await instance.read():
        if point.source == (instance.name, output.id):
            return f"{output.id} is {point.value:g} {output.unit} ({reason(point.quality)})"
    return f"{output.id} gives no value"
