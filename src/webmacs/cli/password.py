"""Where a new password comes from: typed twice, standard input, or made here."""

import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import click

from webmacs.accounts.password_strength import require_strong
from webmacs.accounts.passwords import check_new_password
from webmacs.problem import Problem


@dataclass(frozen=True)
class NewPassword:
    """A password that may be one."""

    text: str
    generated: bool = False

    def show_if_generated(self) -> None:
        """Print a password that nobody knows yet."""
        if self.generated:
            click.echo("The password, shown this once:", err=True)
            click.echo(self.text)


def password_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --password-stdin and --generate."""
    command = click.option("--generate", is_flag=True, help="Make a random password and print it once.")(command)
    return click.option("--password-stdin", "stdin", is_flag=True, help="Read it from standard input.")(command)


def read_password(stdin: bool, generate: bool, about: Sequence[str]) -> NewPassword:
    """The new password; `about` is what is known of its user.

    Raises Problem if it cannot be one, or cannot be asked for.
    """
    if stdin and generate:
        raise Problem("Choose one of --password-stdin and --generate.")
    if generate:
        return NewPassword(secrets.token_urlsafe(15), generated=True)
    if not stdin and not sys.stdin.isatty():
        raise Problem("There is no terminal to ask for the password; use --password-stdin or --generate.")
    text = sys.stdin.readline().rstrip("\r\n") if stdin else _typed_twice()
    check_new_password(text)
    require_strong(text, about)
    return NewPassword(text)


def _typed_twice() -> str:
    text: str = click.prompt("New password", hide_input=True, confirmation_prompt="Again", err=True)
    return text
