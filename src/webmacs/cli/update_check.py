"""`webmacs update check`"""

import asyncio
import json
from typing import Any

import click

from webmacs.cli.options import json_option, pass_config
from webmacs.cli.owner import explained
from webmacs.config import Config
from webmacs.history.retention import connect
from webmacs.ota.source.check import check as look
from webmacs.problem import Problem


@click.command()
@json_option
@pass_config
def check(config: Config, as_json: bool) -> None:
    """Look for newer bundles, of controllers and of the server, at the source that [ota] source names.

    An administrator has one fetched in the page, under Updates.
    """
    if not config.ota.source:
        raise Problem("No source of updates is set: [ota] source in config.toml names one.")
    with explained(config):
        found = asyncio.run(_look(config))
    if found["problem"]:
        raise Problem(found["problem"])
    if as_json:
        click.echo(json.dumps(found))
        return
    for offer in found["offers"]:
        click.echo(offer["file_name"])
    if not found["offers"]:
        click.echo(f"{found['source']} has nothing newer.", err=True)


async def _look(config: Config) -> dict[str, Any]:
    async with await connect(config) as connection:
        return await look(connection, config)
