"""`webmacs release …`"""

import hashlib
import platform
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from webmacs_controller.updates.bundle import SUFFIX
from webmacs_controller.updates.errors import BundleError
from webmacs_controller.updates.examination import examine
from webmacs_controller.updates.manifest import PRODUCTS, Product
from webmacs_controller.updates.trusted import Trusted

from webmacs.cli.inspection import described
from webmacs.cli.options import json_option
from webmacs.ota.source.listing import LIST_NAME, write_list
from webmacs.problem import Problem
from webmacs.release import keys, roots
from webmacs.release.build import Plan
from webmacs.release.build import build as build_bundle
from webmacs.release.bundles import MOST_MEGABYTES, opened, sign_bundle
from webmacs.release.wheels import sources_time

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW = click.Path(path_type=Path)
DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
LIST_DAYS, BUNDLE_DAYS = 3650, 365


@click.group()
def release() -> None:
    """For who makes WebMACS: keys, lists of keys, bundles of updates.

    \b
      webmacs release key alice.key                                   once for each person
      webmacs release root 1.root.json --owner alice.key.pub --signer bob.key.pub
      webmacs release sign 1.root.json --key alice.key
      webmacs release build --counter 1 --root 1.root.json            from the sources of here
      webmacs release sign webmacs-controller-….update --key bob.key
      webmacs release verify webmacs-controller-….update --root 1.root.json

    docs/updates.md tells the whole way, and how the keys are kept.
    """


@release.command()
@click.argument("path", type=NEW)
@click.option("--no-passphrase", is_flag=True, help="Who has the file can sign: only for machines, and for tests.")
def key(path: Path, no_passphrase: bool) -> None:
    """Make a pair of keys: PATH (secret, encrypted) and PATH.pub."""
    phrase = "" if no_passphrase else click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
    click.echo(keys.make_key(path, phrase))


@release.command()
@click.argument("path", type=NEW)
@click.option("--owner", "owners", type=FILE, multiple=True, required=True, help="Public key; may sign lists of keys.")
@click.option("--owners-needed", type=click.IntRange(1), default=1, show_default=True)
@click.option("--signer", "signers", type=FILE, multiple=True, required=True, help="Public key; may sign bundles.")
@click.option("--signers-needed", type=click.IntRange(1), default=1, show_default=True)
@click.option("--after", type=FILE, help="The newest list so far, which this one is to follow.")
@click.option("--expires", type=DAY, help=f"[default: in {LIST_DAYS} days]")
def root(
    path: Path,
    owners: tuple[Path, ...],
    owners_needed: int,
    signers: tuple[Path, ...],
    signers_needed: int,
    after: Path | None,
    expires: datetime | None,
) -> None:
    """Write a list of keys, for its owners to sign: the first, or the next one (--after)."""
    version = roots.read_root(after).signed.version + 1 if after else 1
    made = roots.make_root(
        [keys.read_public(each) for each in owners],
        [keys.read_public(each) for each in signers],
        (owners_needed, signers_needed),
        _until(expires, datetime.now(UTC), LIST_DAYS),
        version,
    )
    roots.write_root(path, made, new=True)
    _say(f"{path} is list {version}; it waits for its signatures (webmacs release sign).")


@release.command()
@click.argument("file", type=FILE)
@click.option("--key", "paths", type=FILE, multiple=True, required=True, help="A secret key; may be given often.")
@click.option("--after", type=FILE, help="For a list of keys: the one that it follows.")
def sign(file: Path, paths: tuple[Path, ...], after: Path | None) -> None:
    """Sign a list of keys or a bundle, besides those who have signed it."""
    signers = [keys.read_private(path, _passphrase) for path in paths]
    if file.suffix == ".json":
        missing = roots.sign_root(file, signers, roots.read_root(after) if after else None)
    else:
        missing = sign_bundle(file, signers)
    _say(f"{file} is signed" + (f"; it takes {' and '.join(missing)}." if missing else ", and complete."))


@release.command()
@click.option("--product", type=click.Choice(PRODUCTS), default=PRODUCTS[0], show_default=True)
@click.option("--counter", type=click.IntRange(1, 2**31 - 1), required=True, help="Above that of each release so far.")
@click.option("--root", "lists", type=FILE, multiple=True, required=True, help="Each list of keys, from 1 on.")
@click.option("--sources", type=FOLDER, default=Path(), help="[default: here]")
@click.option("--wheels", type=FOLDER, help="Take what else is needed from there, not as the locks say by pip.")
@click.option("--from-version", default="0", show_default=True, help="The lowest version that may go to this one.")
@click.option("--architecture", default=lambda: platform.machine().lower(), help="[default: that of here]")
@click.option("--python", default=f"{sys.version_info.major}.{sys.version_info.minor}", show_default=True)
@click.option("--created", type=DAY, help="[default: SOURCE_DATE_EPOCH, or when git was committed to]")
@click.option("--expires", type=DAY, help=f"[default: {BUNDLE_DAYS} days after that]")
@click.option("--changes", type=FILE, help="What is new, as text.")
@click.option("--out", type=FOLDER, default=Path(), help="[default: here]")
def build(
    product: Product,
    counter: int,
    lists: tuple[Path, ...],
    sources: Path,
    wheels: Path | None,
    from_version: str,
    architecture: str,
    python: str,
    created: datetime | None,
    expires: datetime | None,
    changes: Path | None,
    out: Path,
) -> None:
    """Make a bundle of the sources; the same sources and options give the same bytes.

    Wheels are for the machine and the Python of here, unless --wheels has others.
    """
    made = created.replace(tzinfo=UTC) if created else sources_time(sources)
    until = _until(expires, made, BUNDLE_DAYS)
    text = changes.read_text(encoding="utf-8") if changes else ""
    plan = Plan(product, sources, wheels, counter, from_version, architecture, python, made, until, text)
    click.echo(build_bundle(plan, lists, out))


@release.command()
@click.argument("file", type=FILE)
@click.option("--root", "root_file", type=FILE, required=True, help="The list of keys that machines have.")
def verify(file: Path, root_file: Path) -> None:
    """Check a bundle as a machine does that has never had one."""
    try:
        with opened(file) as bundle:
            examined = examine(bundle, root_file.read_bytes(), Trusted(), MOST_MEGABYTES)
    except BundleError as error:
        raise Problem(f"{file}: {error}") from None
    manifest = examined.manifest
    _say(f"{file} is good: {manifest.name}, counter {manifest.counter}, {len(manifest.parts)} wheels.")


@release.command()
@click.argument("file", type=FILE)
@json_option
def inspect(file: Path, as_json: bool) -> None:
    """What a bundle says of itself, and by how many it is signed; nothing of it is verified."""
    with opened(file) as bundle:
        click.echo(described(bundle, as_json))


@release.command()
@click.argument("folder", type=FOLDER)
@click.option("--notes", type=FILE, help="What is new, as text.")
def index(folder: Path, notes: Path | None) -> None:
    """Write FOLDER/releases.json: a web server that has the folder is a source of updates ([ota] source)."""
    files = [(path.name, path.stat().st_size, _digest(path)) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    path = folder / LIST_NAME
    path.write_bytes(write_list(files, notes.read_text(encoding="utf-8") if notes else ""))
    _say(f"{path} names {len(files)} bundle{'' if len(files) == 1 else 's'}.")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _until(given: datetime | None, begin: datetime, days: int) -> datetime:
    return given.replace(tzinfo=UTC) if given else (begin.astimezone(UTC) + timedelta(days=days)).replace(microsecond=0)


def _passphrase(path: Path) -> str:
    phrase: str = click.prompt(f"Passphrase of {path}", hide_input=True, err=True)
    return phrase


def _say(text: str) -> None:
    click.echo(text, err=True)
