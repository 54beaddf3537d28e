"""`webmacs doctor`"""

import json

import click

from webmacs.cli.options import json_option, pass_config
from webmacs.config import Config
from webmacs.doctor import Result, examine, examine_security


@click.command()
@click.option("--security", is_flag=True, help="Look for what would let somebody in instead.")
@json_option
@pass_config
def doctor(config: Config, security: bool, as_json: bool) -> None:
    """Try every part of the running installation, and say what to do. The exit code is 1 if there is a problem.

    \b
      webmacs doctor
      webmacs doctor --security
      webmacs doctor --json | jq '.[] | select(.ok | not)'
    """
    results = []
    for result in examine_security(config) if security else examine(config):
        results.append(result)
        if not as_json:
            _show(result)
    if as_json:
        click.echo(json.dumps([_as_dict(result) for result in results], indent=2))
    if not all(result.ok for result in results):
        raise click.exceptions.Exit(1)


def _show(result: Result) -> None:
    click.echo(f"{'ok' if result.ok else 'problem':8} {result.name:14} {result.found}".rstrip())
    if result.advice:
        click.echo(f"{'':8} {'':14} -> {result.advice}")


def _as_dict(result: Result) -> dict[str, object]:
    return {"name": result.name, "ok": result.ok, "found": result.found, "advice": result.advice}
