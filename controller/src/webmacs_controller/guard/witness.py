"""Looks on from a thread: whose plugin holds up the event loop, and with it everything."""

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from threading import Thread
from types import FrameType

from webmacs_controller.measuring.turn import Turn

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
SUSPECT_LOOKS = 5
"""So many looks in a row that find the same call of a plugin, and no beat between them."""

CALLS = {function.__code__ for function in vars(Turn).values() if hasattr(function, "__code__")}


class Witness:
    """Begins with the event loop's thread looked at by another. `beat` says that the loop turns. `accuse` is called, in
    the thread, with the name of an instance that holds it up; once, until the loop turns again.

    A driver that stops even threads (in C, without letting go of the interpreter) is not seen: then the guard knows
    only that nothing lives.
    """

    def __init__(self, accuse: Callable[[str], None]) -> None:
        self._accuse = accuse
        self._watched = threading.get_ident()
        self._ended = threading.Event()
        self._beats = 0

    def start(self) -> None:
        """From the thread that is looked at."""
        self._watched = threading.get_ident()
        Thread(target=self._look_on, name="witness", daemon=True).start()

    def stop(self) -> None:
        """No more looks."""
        self._ended.set()

    def beat(self) -> None:
        """The event loop turns."""
        self._beats += 1

    def _look_on(self) -> None:
        beats, looks, suspect = self._beats, 0, None
        while not self._ended.wait(LOOK_SECONDS):
            call = self._call()
            if self._beats != beats or call is None or call is not suspect:
                beats, looks, suspect = self._beats, 0, call
                continue
            looks += 1
            if looks == SUSPECT_LOOKS:
                self._tell(call)

    def _call(self) -> FrameType | None:
        """The plugin's call that the event loop is in now."""
        frame = sys._current_frames().get(self._watched)
        while frame is not None and frame.f_code not in CALLS:
            frame = frame.f_back
        return frame

    def _tell(self, call: FrameType) -> None:
        """Where it stands is for the plugin's author."""
        name = call.f_locals["self"].name
        inside = sys._current_frames().get(self._watched)
        place = traceback.extract_stack(inside, limit=1)[-1] if inside is not None else "nowhere"
        log.error("%s holds up the controller and all other instances: it does not return from %s", name, place)
        self._accuse(name)
