"""A place for one instance after the other."""

import asyncio

from webmacs_controller.measuring.loop import Loop


class Slot:
    """At most one instance is at work here: the next connects when the one before has let go of its device."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self._newest: asyncio.Task[None] | None = None
        self._free = asyncio.Lock()

    def put(self, loop: Loop | None) -> None:
        """From now on this one, and no other; None: nothing. The one before makes its outputs safe and ends."""
        if self._newest is not None:
            self._newest.cancel()  # once: those before are on their way to the safe state, and must not be disturbed
        self._newest = None if loop is None else self._start(loop)

    def _start(self, loop: Loop) -> asyncio.Task[None]:
        task = asyncio.create_task(self._run(loop))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        task.add_done_callback(lambda _: loop.end())
        return task

    async def _run(self, loop: Loop) -> None:
        async with self._free:  # first come, first served
            await loop.run()
