"""Runs the application under uvicorn, on a socket of ours."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

import uvicorn
from webmacs_controller.guard.notify import notify

from webmacs.config import Config, load_config
from webmacs.live.live import Live
from webmacs.log import configure_logging
from webmacs.problem import Problem
from webmacs.web.activation import passed_sockets
from webmacs.web.app import create_app
from webmacs.web.local_socket import local_socket

log = logging.getLogger(__name__)

LARGEST_MESSAGE = 1024 * 1024  # bytes of a WebSocket message; a larger one closes it with 1009
GRACE = 10  # seconds that open requests have at the end
READING = 0.1  # seconds in which what was accepted at the end is read
TICKS = 20  # of uvicorn, 0.1 s each, between two signs of life
# A peer that vanished without a word is noticed by TCP: after IDLE seconds of silence it is asked PROBES times.
IDLE, INTERVAL, PROBES = 20, 5, 3
UNANSWERED = 60_000  # milliseconds that what we sent may stay without an acknowledgement


def serve(config: Config, debug: bool = False) -> None:
    """Serve until a signal, then finish what is open. Raises Problem if it cannot start, or ended by itself."""
    configure_logging(config.log, console=debug)
    # uvicorn raises the signal once more when it has stopped; that is our end, and not a failure
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sidecar = server(config)
    with listening(config) as listeners, suppress(KeyboardInterrupt):
        log.info("listening on %s", ", ".join(map(_name, listeners)))
        sidecar.run(sockets=listeners)
        if not sidecar.started:
            raise Problem("The sidecar could not start; the lines above say why.")
    if sidecar.failed:
        raise Problem("The sidecar ended because of a defect in it; the lines above say which.")
    log.info("stopped")


def main() -> None:
    """`python -m webmacs.web.server`, as the supervisor and systemd start it; WEBMACS_CONFIG names config.toml."""
    try:
        serve(load_config())
    except Problem as problem:
        sys.exit(f"Error: {problem}")


class GracefulServer(uvicorn.Server):
    """Commits and acknowledges what the sockets have sent before uvicorn cuts them."""

    @property
    def failed(self) -> bool:
        """Whether a defect in what runs behind the sockets ended it, and no signal from outside."""
        return self.started and self._live.failed

    @property
    def _live(self) -> Live:
        live: Live = self.config.app.state.live  # type: ignore[union-attr]
        return live

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn's first step; systemd is told when it is done."""
        await super().startup(sockets)
        if self.started:
            notify("READY=1")

    async def on_tick(self, counter: int) -> bool:
        """Called all the time, as long as the event loop turns, which is all that a new process could put right."""
        if counter % TICKS == 0:
            notify("WATCHDOG=1")
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn's last step. Nobody is accepted any more, and who was accepted a moment ago gets an answer."""
        notify("STOPPING=1")
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        await asyncio.sleep(READING)
        await self._live.drain()
        await super().shutdown(sockets)


def server(config: Config) -> GracefulServer:
    """The server, with settings that suit long-lived sockets full of measured values.

    uvicorn's own ping is off: it takes a socket for dead that we ourselves have paused, so TCP looks after peers.
    """
    return GracefulServer(
        uvicorn.Config(
            create_app(config),
            loop="uvloop",
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=GRACE,
        )
    )


@contextmanager
def listening(config: Config) -> Iterator[list[socket.socket]]:
    """The sockets to serve on: those of the service manager, or our own. Raises Problem if one cannot be had."""
    with ExitStack() as stack:
        listeners = passed_sockets() or [stack.enter_context(listener) for listener in _own(config)]
        if config.server.metrics_port:
            listeners.append(stack.enter_context(listening_socket("127.0.0.1", config.server.metrics_port)))
        yield listeners


def _own(config: Config) -> Iterator[AbstractContextManager[socket.socket]]:
    yield listening_socket(config.server.host, config.server.port)
    if config.server.gateway_socket:
        yield local_socket(config.server.gateway_socket, "gateway_socket")
    if config.services:
        yield local_socket(config.server.local_socket)


def _name(listener: socket.socket) -> str:
    name = listener.getsockname()
    return name if isinstance(name, str) else f"http://{name[0]}:{name[1]}"


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket whose accepted ones inherit the keep-alive. Raises Problem if the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise Problem(
            f"Cannot listen on {host} port {port}: {error.strerror}. Set [server] host and port in config.toml."
        ) from None
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, IDLE)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, INTERVAL)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, PROBES)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


if __name__ == "__main__":
    main()
