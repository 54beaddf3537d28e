"""The configuration that the server gave last, on disk: with it the controller starts when the server is away."""

from pathlib import Path

import msgspec

from webmacs_controller.configuration.settings import Configuration
from webmacs_controller.files import replace_private


class SavedError(Exception):
    """The file cannot be used; the message says why."""


class Saved:
    """One file, which only its owner can read: there are secrets in it. Blocking."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Configuration | None:
        """None: there is none yet. Raises SavedError."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Configuration)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise SavedError(f"{self._path}: {error}") from None

    def save(self, configuration: Configuration) -> None:
        """Raises SavedError, and what was there before stays."""
        try:
            replace_private(self._path, msgspec.json.format(msgspec.json.encode(configuration)))
        except OSError as error:
            raise SavedError(f"{self._path}: {error}") from None
