"""A place for one instance after the other."""

import asyncio

from webmacs_controller.measuring.loop import Loop


class Slot:
    """At most one instance is at work here: the next connects when the one before has let go of its device.

    `loops` are at work, waiting, or on their way to the safe state. What one that has ended could not make safe is the
    first thing that the next one does.
    """

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self.loops: set[Loop] = set()
        self._newest: asyncio.Task[None] | None = None
        self._left: dict[str, str] = {}
        self._free = asyncio.Lock()

    @property
    def owed(self) -> list[str]:
        """Outputs of those that have ended, or are to end, which are not at their safe values."""
        return list({**self._left, **{key: "" for loop in self.loops for key in loop.safety.owed}})

    def put(self, loop: Loop | None) -> None:
        """From now on this one, and no other; None: nothing. The one before makes its outputs safe and ends."""
        if self._newest is not None:
            self._newest.cancel()  # once: those before are on their way to the safe state, and must not be disturbed
        if loop is not None:
            for old in self.loops:
                old.give_up()
        self._newest = None if loop is None else self._start(loop)

    def _start(self, loop: Loop) -> asyncio.Task[None]:
        task = asyncio.create_task(self._run(loop))
        self.tasks.add(task)
        self.loops.add(loop)
        task.add_done_callback(self.tasks.discard)
        task.add_done_callback(lambda _: self._ended(loop))
        return task

    def _ended(self, loop: Loop) -> None:
        self.loops.discard(loop)
        loop.end()

    async def _run(self, loop: Loop) -> None:
        async with self._free:  # first come, first served
            for channel_id, why in self._left.items():
                loop.safety.owe(channel_id, why)
            try:
                await loop.run()
            finally:
                await loop.settle()
                self._left = dict(loop.safety.owed)
