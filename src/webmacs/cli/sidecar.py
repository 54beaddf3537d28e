"""The sidecar as the subcommands ask it, in the name of a person."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
import httpx

from webmacs import here
from webmacs.config import Config
from webmacs.problem import Problem

# A page of an export, or a batch of an import, may have to wait for a busy database.
TIMEOUT = httpx.Timeout(60, connect=10)


@dataclass(frozen=True)
class Caller:
    """Which sidecar is asked, and who asks."""

    url: str | None
    token: str | None
    user: str | None


def caller_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --url, --token and --user."""
    command = click.option("--user", metavar="NAME", help="Log in as this user; asks for the password.")(command)
    command = click.option(
        "--token", envvar="WEBMACS_TOKEN", help="Of `webmacs token issue`. Better in the environment: WEBMACS_TOKEN."
    )(command)
    return click.option("--url", help="Of the sidecar.  [default: the one of config.toml]")(command)


@contextmanager
def asking(config: Config, caller: Caller) -> Iterator[httpx.Client]:
    """A client with the caller's token. Raises Problem if nobody answers, or breaks off."""
    there = here.Here(caller.url, None) if caller.url else here.sidecar(config)
    try:
        with there.client(timeout=TIMEOUT) as client:
            client.headers["Authorization"] = f"Bearer {caller.token or _log_in(client, caller.user)}"
            yield client
    except httpx.ConnectError:
        raise Problem(f"Nobody answers at {there}; start WebMACS with `webmacs up`, or name another --url.") from None
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise Problem(f"The connection to {there} broke off: {str(error) or type(error).__name__}") from None


def require_success(response: httpx.Response) -> None:
    """Raises Problem with what the sidecar says is wrong."""
    if response.is_success:
        return
    response.read()
    try:
        body = response.json()
        said = " ".join(filter(None, [body["message"], body.get("details"), body.get("hint")]))
    except (ValueError, KeyError, TypeError):
        said = f"This is no WebMACS: it answered {response.status_code}."
    raise Problem(said)


def _log_in(client: httpx.Client, user: str | None) -> str:
    if user is None:
        raise Problem("Say who asks: --user NAME, or a token of `webmacs token issue` in WEBMACS_TOKEN.")
    password: str = click.prompt("Password", hide_input=True, err=True)
    response = client.post("/auth/login", json={"username": user, "password": password})
    require_success(response)
    return str(response.json()["access_token"])
