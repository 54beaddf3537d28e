"""`webmacs-controller update …`"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from webmacs_controller.assembly import make_installation
from webmacs_controller.cli.options import config_option
from webmacs_controller.sdk import ConfigError
from webmacs_controller.settings import load
from webmacs_controller.updates.errors import BundleError
from webmacs_controller.updates.installation import Installation
from webmacs_controller.updates.status import lines
from webmacs_controller.updates.status import status as read_status

SOURCE = click.Path(exists=True, path_type=Path)


@click.group()
def update() -> None:
    """The controller's own software, from a file or a USB stick, without a server.

    \b
      webmacs-controller update begin webmacs-controller-….update --root root.json   once, on a new machine
      webmacs-controller update install /media/usb                                   the newest that fits
      webmacs-controller update status
      webmacs-controller update rollback

    docs/updates.md tells the whole way. updates.folder in controller.toml says where the versions lie.
    """


@update.command()
@click.argument("bundle", type=SOURCE)
@click.option("--root", required=True, type=SOURCE, help="The list of keys that this machine is to believe.")
@config_option
def begin(bundle: Path, root: Path, path: Path) -> None:
    """Install the first version, and the launcher that the system is to start."""
    with _in_words():
        installation = _installation(path)
        name = installation.begin(bundle, root)
    starter = installation.folder / "launcher.py"
    click.echo(f"{name} is installed. Let the system start: python3 {starter} run --config {path.absolute()}")


@update.command()
@click.argument("source", type=SOURCE)
@config_option
def install(source: Path, path: Path) -> None:
    """Install a bundle; of a folder, the newest one in it that is for this machine.

    A controller that runs is ended, with its outputs safe, and the new version takes its place. Unless that proves
    itself in time, the one before comes back.
    """
    with _in_words():
        installation = _installation(path)
        name = installation.install(installation.newest(source) if source.is_dir() else source)
    click.echo(f"{name} is installed, and has to prove itself: webmacs-controller update status")


@update.command()
@config_option
def rollback(path: Path) -> None:
    """Go back to the version before this one."""
    with _in_words():
        name = _installation(path).go_back()
    click.echo(f"{name} runs next")


@update.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@config_option
def status(as_json: bool, path: Path) -> None:
    """What runs, what is kept, and what became of the last update."""
    with _in_words():
        folder = _installation(path).folder
    said = read_status(folder)
    click.echo(json.dumps(said) if as_json else "\n".join(lines(said)))


def _installation(path: Path) -> Installation:
    installation = make_installation(load(path))
    if installation is None:
        raise ConfigError("updates.folder: says where the versions are to lie; it is empty")
    return installation


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (BundleError, ConfigError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
