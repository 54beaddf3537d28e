"""One thread that runs blocking calls, in order, for one plugin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from webmacs_controller.sdk.errors import PluginError

T = TypeVar("T")
Job = tuple["Future[Any]", Callable[[], Any]]


class Worker:
    """Of two calls the second waits, so a driver needs no lock. It is the event loop that has them run (a simulator's
    loop does so in a time of its own)."""

    def __init__(self, name: str) -> None:
        self._thread = DaemonThread(name)

    async def call(self, function: Callable[[], T]) -> T:
        """The result of `function`, run in the thread. Cancelled before its turn, it does not run at all."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def stop(self) -> None:
        """End the thread after the calls that are waiting; the next call starts another."""
        self._thread.shutdown(wait=False)


class DaemonThread(Executor):
    """Starts its thread with the first call, and again after a shutdown.

    The thread is a daemon: a device call that never returns must not keep the process from ending (a thread pool
    would, it joins its threads at exit).
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._jobs: SimpleQueue[Job | None] | None = None

    def submit(self, function: Callable[..., T], /, *args: Any, **settings: Any) -> Future[T]:
        """As every executor."""
        if self._jobs is None:
            self._jobs = SimpleQueue()
            Thread(target=_work, args=(self._jobs,), name=self.name, daemon=True).start()
        future: Future[T] = Future()
        self._jobs.put((future, lambda: function(*args, **settings)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """The thread ends after what waits, and nobody waits for it."""
        if self._jobs is not None:
            self._jobs.put(None)
            self._jobs = None


def _work(jobs: SimpleQueue[Job | None]) -> None:
    while (job := jobs.get()) is not None:
        future, function = job
        if future.set_running_or_notify_cancel():
            _run(future, function)


def _run(future: Future[Any], function: Callable[[], Any]) -> None:
    try:
        future.set_result(function())
    except Exception as error:
        future.set_exception(error)
    except BaseException as error:  # a driver that calls sys.exit ends its own call, not the controller
        future.set_exception(PluginError(f"the driver wanted to end the process: {error!r}"))
