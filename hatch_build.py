"""Puts into the wheel what an editable install reads in the checkout."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

RESOURCES = (
    *("db", "config.default.toml", "postgrest.default.conf", "apache", "systemd", "package.json", "package-lock.json"),
    "controller/controller.default.toml",
)
PAGE = "frontend/dist"  # where it has been built; `webmacs install` wants it


class ResourceHook(BuildHookInterface):  # type: ignore[type-arg]
    """Copies the resources below `webmacs/bundled`, where `webmacs.resources` looks first."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the extra files of a wheel; an editable one gets none, so that there is no stale copy."""
        if version != "editable":
            build_data["force_include"] |= {path: f"webmacs/bundled/{Path(path).name}" for path in RESOURCES}
            if Path(self.root, PAGE, "index.html").exists():
                build_data["force_include"][PAGE] = "webmacs/bundled/page"
