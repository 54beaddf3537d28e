"""`webmacs token …`"""

from uuid import UUID

import click

from webmacs.accounts import administration
from webmacs.accounts.lifetimes import DAY, chosen_days
from webmacs.accounts.tokens import Tokens
from webmacs.cli.options import json_option, pass_config
from webmacs.cli.owner import owner
from webmacs.cli.table import show
from webmacs.config import Config
from webmacs.keys.folder import ensure_key
from webmacs.problem import Problem


@click.group()
def token() -> None:
    """Tokens of programs and controllers: issue, list, revoke.

    \b
      webmacs token issue ada --name "Grafana export" --role viewer
      webmacs token issue --controller plant-1 > token
      webmacs token list
      webmacs token revoke-all ada
    """


@token.command()
@click.argument("user", required=False)
@click.option("--controller", metavar="NAME", help="For the controller of this name, which is made if there is none.")
@click.option("--name", help="What a program's token is for.  [required for a user]")
@click.option(
    "--role", type=click.Choice(["viewer", "operator", "admin"]), help="Of a user's token.  [default: viewer]"
)
@click.option("--read-only", is_flag=True, help="A user's token that may only read, whatever its role may do.")
@click.option(
    "--days", type=click.IntRange(1, 3650), help="Until it expires.  [default: a year, [auth] controller_token_days]"
)
@pass_config
def issue(
    config: Config,
    user: str | None,
    controller: str | None,
    name: str | None,
    role: str | None,
    read_only: bool,
    days: int | None,
) -> None:
    """Print a new token for USER or for a controller. It is shown this once.

    \b
      webmacs token issue ada --name "Grafana export"
      curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:3000/events
    """
    if (user is None) == (controller is None):
        raise Problem("Say for whom: `webmacs token issue USER --name …`, or `--controller NAME`.")
    if controller is not None and (name or role or read_only):
        raise Problem("--name, --role and --read-only are for a user's token; a controller has the role controller.")
    tokens = Tokens(ensure_key(config), config.auth)
    with owner(config) as connection:
        if controller is not None:
            seconds = (days or config.auth.controller_token_days) * DAY
            made = administration.issue_controller_token(connection, tokens, controller, seconds)
        elif user is not None and name is not None:
            seconds = chosen_days(days, config.auth.api_token_days) * DAY
            values = {"role": role or "viewer", "name": name, "read_only": read_only, "seconds": seconds}
            made = administration.issue_api_token(connection, tokens, user, values)
        else:
            raise Problem("A user's token needs --name, so that one knows later what it is for.")
    click.echo(made)


@token.command("list")
@click.option("--all", "everything", is_flag=True, help="Also the expired and the revoked.")
@json_option
@pass_config
def list_(config: Config, everything: bool, as_json: bool) -> None:
    """Tokens and sessions that count; the tokens themselves are nowhere kept."""
    with owner(config) as connection:
        found = administration.list_tokens(connection, everything)
    show(found, ["jti", "kind", "owner", "role", "name", "read_only", "expires_at", "last_used_at", "state"], as_json)


@token.command()
@click.argument("jti", type=click.UUID)
@pass_config
def revoke(config: Config, jti: UUID) -> None:
    """End a token at once, everywhere. JTI is its identifier in `webmacs token list`."""
    with owner(config) as connection:
        if not administration.revoke(connection, jti):
            raise Problem("There is no such token that still counts; `webmacs token list --all` shows all.")
    click.echo("The token is revoked.", err=True)


@token.command("revoke-all")
@click.argument("user")
@pass_config
def revoke_all(config: Config, user: str) -> None:
    """End all sessions and tokens of USER at once, everywhere."""
    with owner(config) as connection:
        ended = administration.revoke_all(connection, user)
    click.echo(f"{ended} sessions and tokens ended.", err=True)
