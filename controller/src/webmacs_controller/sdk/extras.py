"""Plugins whose driver is not a dependency of their package, but an extra."""

import asyncio
from importlib import import_module
from types import ModuleType

from webmacs_controller.sdk.errors import PluginError


async def load_driver(module: str, extra: str, package: str = "webmacs-controller") -> ModuleType:
    """The module that imports a driver, for `connect`: so only who uses a plugin needs its driver, and the time that
    loading takes on a small machine is taken from nobody else. Raises PluginError with the line that installs it."""
    try:
        return await asyncio.to_thread(import_module, module)
    except ModuleNotFoundError as error:
        raise PluginError(f"{error.name} is not installed; install: pip install '{package}[{extra}]'") from None
