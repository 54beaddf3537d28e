"""Who stands back after deaths of the process, so that the outputs of all others are safe first."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from webmacs_controller.sdk import Plugin

STAND_BACK_SECONDS = 15.0
"""For the others to connect and to make their outputs safe; twice as long after the second time."""

MOST_BLAMES = 3
"""So often an instance may hold up the whole controller in quick succession; then it is left out."""

MOST_FALLS = 3
"""After so many deaths in quick succession that nobody can explain, what others have written stands back, and packages
are left out."""

OURS = "webmacs_controller."


class Trouble(NamedTuple):
    """For so long an instance does not begin, or never (`math.inf`). `blamed`: nothing of it may be called meanwhile,
    not even to make its outputs safe."""

    seconds: float
    words: str
    blamed: bool


@dataclass(frozen=True, slots=True)
class Troubles:
    """What the guard has seen: `blames` counts the deaths that an instance has caused, `falls` those without a
    reason."""

    blames: Mapping[str, int] = field(default_factory=dict)
    falls: int = 0

    def of(self, name: str, plugin: Plugin[Any]) -> Trouble | None:
        """None: this instance begins at once."""
        blames = self.blames.get(name, 0)
        if blames >= MOST_BLAMES:
            words = "it has held up the whole controller again and again (the log says where), and is left out until"
            return Trouble(math.inf, f"{words} its settings are changed or the controller is started again", True)
        if blames:
            words = "it has held up the whole controller (the log says where); the others begin first"
            return Trouble(STAND_BACK_SECONDS * blames, words, True)
        if self.falls >= MOST_FALLS and not type(plugin).__module__.startswith(OURS):
            words = f"the controller died {self.falls} times in a row; plugins of others begin last"
            return Trouble(STAND_BACK_SECONDS, words, False)
        return None
