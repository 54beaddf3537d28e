"""Tells a controller that there is another configuration, which it is told when it says hello again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from webmacs.datapoints.acks import Answers

# Between two `config`s: whoever changes fifty things one by one causes few hellos.
PAUSE_SECONDS = 0.5


class News:
    """Of one socket. None is told before the first hello, nor between one and the hello that it leads to, nor while a
    hello is answered: the welcome has what was changed before. What is changed after it is told."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._due = asyncio.Event()
        self._told = self._wanted = 0
        self._greeted = self._answering = self._asked = False

    @contextmanager
    def answering(self) -> Iterator[None]:
        """A hello has come; its welcome is made meanwhile."""
        self._answering, self._asked, self._wanted = True, False, 0
        try:
            yield
        finally:
            self._answering = False
            self._due.set()

    def greet(self, version: int) -> None:
        """The welcome tells this version of the configuration."""
        self._told, self._greeted = version, True

    def reconfigure(self, version: int) -> None:
        """The configuration has this version now."""
        self._wanted = max(self._wanted, version)
        self._due.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            if self._greeted and not self._answering and not self._asked and self._wanted > self._told:
                self._asked = True
                self._answers.message({"type": "config"})
                await asyncio.sleep(PAUSE_SECONDS)
