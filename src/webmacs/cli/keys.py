"""`webmacs keys …`"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import click

from webmacs.cli.options import json_option, pass_config
from webmacs.cli.owner import owner
from webmacs.cli.table import show
from webmacs.config import Config
from webmacs.keys import folder, rotation, store


@dataclass(frozen=True)
class Row:
    """A key as the list shows it."""

    kid: str
    state: str
    created_at: datetime | None
    tokens: int
    until: datetime | None


@click.group()
def keys() -> None:
    """The keys that sign tokens: rotate, list, retire.

    \b
      webmacs keys rotate          a new key signs; nobody is logged out
      webmacs keys retire 9xMO3f   a key has leaked: its tokens end at once
    """


@keys.command()
@pass_config
def rotate(config: Config) -> None:
    """Let a new key sign from now on.

    Those before verify until their last token has ended; then this command or `webmacs maintain` removes them.
    """
    key = rotation.rotate(config, _say)
    _say(f"{key.kid} signs from now on. Nobody is logged out.")


@keys.command("list")
@json_option
@pass_config
def list_(config: Config, as_json: bool) -> None:
    """Keys, and how many tokens that count they have signed.

    \b
    signs      the tokens of this folder's sidecars
    verifies   until its last token has ended
    can go     nothing needs it; `webmacs keys rotate` or `webmacs maintain` removes it
    elsewhere  it has signed, and its file is not in this folder
    retired    it counts no more
    gone       it was removed when nothing needed it
    """
    here = folder.load_keys(config)
    with owner(config) as connection:
        known = store.list_keys(connection)
    show(_rows([key.kid for key in here.keys] if here else [], known), [*Row.__dataclass_fields__], as_json)


# A name may begin with a hyphen and have an h in it, which is then no -h.
@keys.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("kid")
@pass_config
def retire(config: Config, kid: str) -> None:
    """End a key that has leaked, and all its tokens, at once and everywhere.

    KID is its name in `webmacs keys list`, or how that begins. Who has a token of it must log in again; controllers
    and programs need new ones (`webmacs token issue`).
    """
    ended = rotation.retire(config, kid, _say)
    _say(f"The key is retired; {len(ended)} tokens ended with it.")
    for each in ended:
        if each.kind != "session":
            _say(f"needs a new token: {each.owner}" + (f", {each.name}" if each.kind == "api_token" else ""))


def _say(text: str) -> None:
    click.echo(text, err=True)


def _rows(here: Sequence[str], known: Sequence[store.KnownKey]) -> list[Row]:
    rows = [Row(key.kid, _state(key, here), key.created_at, key.tokens, key.until) for key in known]
    unknown = [kid for kid in here if kid not in {key.kid for key in known}]
    return rows + [Row(kid, "signs" if kid == here[-1] else "can go", None, 0, None) for kid in unknown]


def _state(key: store.KnownKey, here: Sequence[str]) -> str:
    if key.retired_at:
        return "retired"
    if key.kid not in here:
        return "gone" if key.removed_at else "elsewhere"
    if key.kid == here[-1]:
        return "signs"
    return "can go" if key.spent else "verifies"
