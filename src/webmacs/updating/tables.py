"""Which migrations a version brought that the one before does not know."""

from pathlib import Path

from webmacs_controller.updates import launcher
from webmacs_controller.updates.launcher import CURRENT, PREVIOUS, VERSIONS


def new_migrations(folder: Path) -> list[str]:
    """Their names, in order; by the files of both versions."""
    return sorted(_migrations(folder, CURRENT) - _migrations(folder, PREVIOUS))


def _migrations(folder: Path, link: str) -> set[str]:
    version = folder / VERSIONS / (launcher.link_target(folder, link) or "")
    return {path.name for path in version.glob("lib/*/site-packages/webmacs/bundled/db/migrations/*.sql")}
