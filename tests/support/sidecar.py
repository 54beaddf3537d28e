"""A real sidecar on a real socket, in a thread of the test's own process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from webmacs.config import Config
from webmacs.web.server import listening, server


@contextmanager
def running_sidecar(config: Config) -> Iterator[str]:
    """Its address. A request that comes before it is ready waits in the socket."""
    sidecar = server(config)
    with listening(config) as listeners:
        thread = Thread(target=sidecar.run, kwargs={"sockets": listeners}, name="sidecar")
        thread.start()
        try:
            yield f"http://{config.server.host}:{config.server.port}"
        finally:
            sidecar.should_exit = True
            thread.join(30)
