"""`webmacs-controller check`"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path

import click

from webmacs_controller.assembly import make_instances, make_tokens
from webmacs_controller.cli.options import SETTLE_SECONDS, config_option, load_or_exit, run_async
from webmacs_controller.measuring.instance import Instance, describe
from webmacs_controller.settings import Settings
from webmacs_controller.transport.client import LOSSES, is_refusal, open_socket

OPINION_SECONDS = 0.5
"""A server that accepts a socket only to close it again has done so by then."""


@click.command()
@config_option
def check(path: Path) -> None:
    """Test the settings, every plugin and the way to the server. Writes nothing, sends nothing.

    Exit code 1 if anything is wrong.
    """
    settings, instances = load_or_exit(path, make_instances)
    click.echo(f"ok      {path}")
    if not run_async(_check_all(settings, instances)):
        raise SystemExit(1)


async def _check_all(settings: Settings, instances: list[Instance]) -> bool:
    results = [await _report(f"instance {instance.name}", _check_instance(instance)) for instance in instances]
    results.append(await _report(f"server {settings.server.url}", _check_server(settings)))
    return all(results)


async def _report(what: str, attempt: Awaitable[str]) -> bool:
    try:
        click.echo(f"ok      {what}: {await attempt}")
    except Exception as error:  # the purpose of this command is to tell whatever is wrong
        click.echo(f"FAILED  {what}: {_explain(error)}")
        return False
    return True


def _explain(error: Exception) -> str:
    if is_refusal(error):
        return f"the server refuses the token ({error})"
    return str(error) if isinstance(error, LOSSES) else describe(error)


async def _check_instance(instance: Instance) -> str:
    async with instance.connected():
        await asyncio.sleep(SETTLE_SECONDS)
        points = await instance.read()
    meta = instance.plugin.meta
    return f"{meta.name} {meta.version}, {len(points)} of {len(instance.channels)} channels have a value"


async def _check_server(settings: Settings) -> str:
    async with open_socket(settings.server.url, make_tokens(settings).read()) as socket:
        with suppress(TimeoutError):  # it waits for our hello, as it should
            async with asyncio.timeout(OPINION_SECONDS):
                await socket.recv()
    return "reachable, accepts the token"
