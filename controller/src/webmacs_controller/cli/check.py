"""`webmacs-controller check`"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path

import click

from webmacs_controller.assembly import first_configuration, make_instance, make_tokens
from webmacs_controller.cli.examination import WrongError, examine
from webmacs_controller.cli.options import config_option, load_or_exit, run_async
from webmacs_controller.configuration.holdings import second_holders
from webmacs_controller.configuration.settings import Configuration, InstanceSettings
from webmacs_controller.measuring.instance import Instance, describe
from webmacs_controller.sdk import ConfigError, system_words
from webmacs_controller.sdk.discovery import survey
from webmacs_controller.settings import Settings
from webmacs_controller.transport.client import LOSSES, is_refusal, open_socket

OPINION_SECONDS = 0.5
"""A server that accepts a socket only to close it again has done so by then."""


@click.command()
@config_option
def check(path: Path) -> None:
    """Test settings, plugins, channels, server.

    Writes nothing, sends nothing. Exit code 1 if anything is wrong. A device that takes one connection only is refused
    while the controller runs.
    """
    settings, configuration = load_or_exit(path, first_configuration)
    click.echo(f"ok      {path}")
    if configuration.version:
        click.echo(f"ok      {settings.configuration_file}: configuration {configuration.version} of the server counts")
    for plugin_id, problem in survey().broken.items():
        click.echo(f"warning plugin {plugin_id}: {problem}")
    if not run_async(_check_all(settings, configuration)):
        raise SystemExit(1)


async def _check_all(settings: Settings, configuration: Configuration) -> bool:
    """All at once, told in order: one that takes its time holds up no other."""
    made = {entry.name: _made(entry, number) for number, entry in enumerate(configuration.instances, 1)}
    problems = second_holders(instance for instance in made.values() if isinstance(instance, Instance))
    attempts = {f"instance {name}": _instance(instance, problems.get(name)) for name, instance in made.items()}
    attempts[f"server {settings.server.url}"] = _server(settings)
    tasks = {what: asyncio.create_task(_report(what, attempt)) for what, attempt in attempts.items()}
    fine = True
    for task in tasks.values():
        worked, line = await task
        click.echo(line)
        fine = fine and worked
    return fine


async def _report(what: str, attempt: Awaitable[str]) -> tuple[bool, str]:
    try:
        return True, f"ok      {what}: {await attempt}"
    except Exception as error:  # the purpose of this command is to tell whatever is wrong
        return False, f"FAILED  {what}: {_explain(error)}"


def _explain(error: Exception) -> str:
    if is_refusal(error):
        return f"the server refuses the token ({error})"
    if isinstance(error, OSError):
        return system_words(error)
    return str(error) if isinstance(error, (ConfigError, WrongError, *LOSSES)) else describe(error)


def _made(entry: InstanceSettings, number: int) -> Instance | Exception | None:
    """None: it is disabled."""
    try:
        return make_instance(entry, f"instances[{number}]") if entry.enabled else None
    except Exception as error:  # also whatever a plugin raises
        return error


async def _instance(instance: Instance | Exception | None, problem: str | None) -> str:
    if instance is None:
        return "disabled"
    if isinstance(instance, Exception):
        raise instance
    if problem:
        raise ConfigError(problem)
    return await examine(instance)


async def _server(settings: Settings) -> str:
    async with open_socket(settings.server.url, make_tokens(settings).read()) as socket:
        with suppress(TimeoutError):  # it waits for our hello, as it should
            async with asyncio.timeout(OPINION_SECONDS):
                await socket.recv()
    return "reachable, accepts the token"
