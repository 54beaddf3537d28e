"""`webmacs-controller new-plugin`"""

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

import click

from webmacs_controller.sdk.discovery import installed

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
TEMPLATE = files("webmacs_controller.cli") / "template"
LEFTOVERS = {"__pycache__"}


@click.command("new-plugin")
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="here",
    help="The folder in which that of the package is made.",
)
def new_plugin(name: str, into: Path) -> None:
    """Write a package with a plugin to begin with.

    NAME is what the plugin is called, as "lab-balance". It works as it is, and so do its tests.
    """
    plugin_id = _checked(name)
    folder = into / f"webmacs-{name}"
    if folder.exists():
        raise click.ClickException(f"{folder} is there already")
    for path, text in _texts(TEMPLATE, PurePosixPath()):
        target = folder / _renamed(str(path), name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_renamed(text, name), encoding="utf-8")
    click.echo(f"{folder} is written; now:\n  cd {folder}\n  pip install -e '.[test]'\n  pytest")
    click.echo(f"Its plugin is {plugin_id!r}; begin with src/webmacs_{plugin_id}/plugin.py.")


def _checked(name: str) -> str:
    """The id of its plugin."""
    if NAME.fullmatch(name) is None:
        raise click.ClickException(f"NAME must be of a-z, 0-9 and single -, and begin with a-z, not {name!r}")
    plugin_id = name.replace("-", "_")
    if plugin_id in installed():
        raise click.ClickException(f"a plugin {plugin_id!r} is installed already")
    return plugin_id


def _texts(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    for item in folder.iterdir():
        if item.is_dir() and item.name not in LEFTOVERS:
            yield from _texts(item, path / item.name)
        elif item.is_file():
            yield path / item.name, item.read_text(encoding="utf-8")


def _renamed(text: str, name: str) -> str:
    """The template is itself a plugin that works; only its names are others."""
    words = name.split("-")
    names = {
        "webmacs-gadget": f"webmacs-{name}",
        "New gadget": " ".join(words).capitalize(),
        "Gadget": "".join(word.capitalize() for word in words),
        "gadget": "_".join(words),
    }
    return re.sub("|".join(names), lambda found: names[found[0]], text)
