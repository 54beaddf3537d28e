"""Puts into the wheel what an editable install reads in the checkout."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

RESOURCES = ("db", "config.default.toml", "postgrest.default.conf", "apache", "controller/controller.default.toml")


class ResourceHook(BuildHookInterface):  # type: ignore[type-arg]
    """Copies the resources below `webmacs/bundled`, where `webmacs.resources` looks first."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the extra files of a wheel; an editable one gets none, so that there is no stale copy."""
        if version != "editable":
            build_data["force_include"] |= {path: f"webmacs/bundled/{Path(path).name}" for path in RESOURCES}
