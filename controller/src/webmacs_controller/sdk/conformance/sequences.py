"""The rule on sequences."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from webmacs_controller.sdk.conformance.rule import require
from webmacs_controller.sdk.conformance.workbench import Workbench
from webmacs_controller.sdk.plugin import Plugin
from webmacs_controller.sdk.sequence import BUTTON, SequencePlugin

TURNS = 50
"""Of the event loop: more than a course needs to begin, or to end, where nothing has to be waited for."""


async def lets_go(plugin: Plugin[Any]) -> None:
    """Raises BrokenRule. Asked of sequences only."""
    if not isinstance(plugin, SequencePlugin):
        return
    bench = Workbench()
    plugin.bind(bench)
    await plugin.connect()
    ends: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
        "its button is 0": lambda: plugin.write(BUTTON.id, 0),
        "it disconnects": plugin.disconnect,
    }
    for how, end in ends.items():
        require(not bench.held, "its course begins before its button is 1")
        await plugin.write(BUTTON.id, 1)
        await _turn()
        ended = await _ends(end())
        require(ended, f"its course goes on when {how}; it must end when it is cancelled")
        require(not bench.held, f"it still drives {', '.join(map(str, bench.held))} when {how}")


async def _ends(call: Coroutine[Any, Any, None]) -> bool:
    task = asyncio.create_task(call)
    await _turn()
    if not task.done():
        task.cancel()
        return False
    task.result()
    return True


async def _turn() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)
