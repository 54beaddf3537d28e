"""`webmacs user …`"""

import click

from webmacs.accounts import administration
from webmacs.accounts.fields import check_email, check_username
from webmacs.accounts.passwords import hash_password
from webmacs.cli.options import json_option, pass_config
from webmacs.cli.owner import owner
from webmacs.cli.password import password_options, read_password
from webmacs.cli.table import show
from webmacs.config import Config
from webmacs.problem import Problem

ROLES = click.Choice(["viewer", "operator", "admin"])

hours_option = click.option(
    "--hours", type=click.IntRange(1, 168), default=24, show_default=True, help="How long the address counts."
)


@click.group()
def user() -> None:
    """Accounts of people: add, invite, list, disable, enable, role, passwd, reset.

    \b
      webmacs user add ada --role operator --email ada@example.org
      webmacs user role ada admin
      webmacs user disable ada          # she is out at once, everywhere
    """


@user.command("list")
@json_option
@pass_config
def list_(config: Config, as_json: bool) -> None:
    """All accounts."""
    with owner(config) as connection:
        users = administration.list_users(connection)
    show(users, ["username", "email", "role", "state", "created_at"], as_json)


@user.command()
@click.argument("username")
@click.option("--role", type=ROLES, default="viewer", show_default=True)
@click.option("--email", help="May be used to log in, too.")
@password_options
@pass_config
def add(config: Config, username: str, role: str, email: str | None, stdin: bool, generate: bool) -> None:
    """Add an active account. Asks for the password.

    \b
      webmacs user add ada --role operator
      webmacs user add ada --generate                      # prints a random password, once
      pass show ada | webmacs user add ada --password-stdin
    """
    _check_names(username, email)
    password = read_password(stdin, generate, [username, email or ""])
    with owner(config) as connection:
        stored = hash_password(password.text, config.auth.bcrypt_rounds)
        administration.add_user(connection, username, email, role, stored)
    click.echo(f"{username} may log in as {role}.", err=True)
    password.show_if_generated()


@user.command()
@click.argument("username")
@click.option("--role", type=ROLES, default="viewer", show_default=True)
@click.option("--email", help="May be used to log in, too.")
@hours_option
@pass_config
def invite(config: Config, username: str, role: str, email: str | None, hours: int) -> None:
    """Add an account whose user chooses the password: prints an address for that, which counts once.

    \b
      webmacs user invite ada --role operator --email ada@example.org
    """
    _check_names(username, email)
    with owner(config) as connection:
        administration.add_user(connection, username, email, role, None)
        secret = administration.new_password_reset(connection, username, hours)
    click.echo(f"{username} may log in as {role} after choosing a password {_within(hours)}, at:", err=True)
    click.echo(_address(config, secret))


@user.command()
@click.argument("username")
@hours_option
@pass_config
def reset(config: Config, username: str, hours: int) -> None:
    """Print an address where a user chooses a new password, once. USERNAME may be the e-mail address.

    Nothing ends by this; when the new password is chosen all sessions of the user end. An address that was printed
    before counts no more.
    """
    with owner(config) as connection:
        secret = administration.new_password_reset(connection, username, hours)
    click.echo(f"{username} may choose a new password {_within(hours)}, at:", err=True)
    click.echo(_address(config, secret))


@user.command()
@click.argument("username")
@password_options
@pass_config
def passwd(config: Config, username: str, stdin: bool, generate: bool) -> None:
    """Set a new password; all sessions of the user end. USERNAME may be the e-mail address."""
    with owner(config) as connection:
        password = read_password(stdin, generate, administration.names(connection, username))
        stored = hash_password(password.text, config.auth.bcrypt_rounds)
        administration.set_password(connection, username, stored)
    click.echo(f"The password of {username} is changed, and all sessions have ended.", err=True)
    password.show_if_generated()


@user.command()
@click.argument("username")
@pass_config
def disable(config: Config, username: str) -> None:
    """Refuse a user from now on: logins, sessions, API tokens, open sockets."""
    with owner(config) as connection:
        administration.set_state(connection, username, "disabled")
    click.echo(f"{username} is disabled.", err=True)


@user.command()
@click.argument("username")
@pass_config
def enable(config: Config, username: str) -> None:
    """Let a disabled user in again, or approve one who registered."""
    with owner(config) as connection:
        administration.set_state(connection, username, "active")
    click.echo(f"{username} is active.", err=True)


@user.command()
@click.argument("username")
@click.argument("role", type=ROLES)
@pass_config
def role(config: Config, username: str, role: str) -> None:
    """Change what a user may do; sessions with the old role end.

    \b
      webmacs user role ada admin
    """
    with owner(config) as connection:
        administration.set_role(connection, username, role)
    click.echo(f"{username} is {role}.", err=True)


def _check_names(username: str, email: str | None) -> None:
    try:
        check_username(username)
        check_email(email) if email is not None else None
    except ValueError as error:
        raise Problem(str(error)) from None


def _within(hours: int) -> str:
    return f"within {hours} {'hour' if hours == 1 else 'hours'}"


def _address(config: Config, secret: str) -> str:
    """Of the page; what follows # is not sent to any server, and stands in no log."""
    return f"{config.server.public_url}/reset#{secret}"
