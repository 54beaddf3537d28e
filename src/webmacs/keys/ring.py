"""The keys of a running process, which follow the folder."""

import logging
import time

from webmacs.config import Config
from webmacs.keys import folder
from webmacs.keys.key import Key
from webmacs.problem import Problem

SECONDS = 1.0  # between two looks into the folder because of a key that nobody knows

log = logging.getLogger(__name__)


class Ring:
    """The keys of the folder, read again when it has changed."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._fingerprint = folder.fingerprint(config)
        self._keys = folder.ensure_key(config)
        self._looked_at = time.monotonic()

    @property
    def current(self) -> Key:
        """The key that signs."""
        return self._keys.current

    def find(self, kid: object) -> Key | None:
        """The key of that name. One that is not known may be new: the notification may still be on its way."""
        found = self._keys.find(kid)
        if found is None and time.monotonic() - self._looked_at > SECONDS:
            self.refresh()
            found = self._keys.find(kid)
        return found

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public set, as `GET /.well-known/jwks.json` shows it."""
        return self._keys.jwks()

    def kids(self) -> list[str]:
        """The names of all."""
        return [key.kid for key in self._keys.keys]

    def refresh(self) -> None:
        """Take over what has changed in the folder; what cannot be read leaves the keys as they are."""
        self._looked_at = time.monotonic()
        try:
            seen = folder.fingerprint(self._config)
            if seen != self._fingerprint:
                self._keys = folder.ensure_key(self._config)
                self._fingerprint = seen
                log.info("%d keys verify tokens, %s… signs", len(self._keys.keys), self.current.kid[:8])
        except (Problem, OSError) as problem:
            log.warning("The keys stay as they were: %s", problem)

    def remove(self, kids: list[str]) -> None:
        """These were retired: their files go, and nothing verifies with them here."""
        self._keys = folder.remove(self._config, kids)
        self._fingerprint = folder.fingerprint(self._config)
