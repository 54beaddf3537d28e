"""Which tasks a plugin starts: the device of a test may live in the same event loop, and start its own."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_ours: ContextVar[bool] = ContextVar("ours", default=False)


@contextmanager
def started_tasks() -> Iterator[list[asyncio.Task[Any]]]:
    """Fills with all tasks that come, however indirectly, from what is called meanwhile."""
    tasks: list[asyncio.Task[Any]] = []
    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()

    def make(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **how: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, **how)
        if _ours.get():  # a task inherits the context of the one that starts it
            tasks.append(task)
        return task

    loop.set_task_factory(make)  # type: ignore[arg-type]  # of typeshed, which asks for any awaitable
    token = _ours.set(True)
    try:
        yield tasks
    finally:
        _ours.reset(token)
        loop.set_task_factory(before)
