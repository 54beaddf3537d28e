"""A server that gives wheels to controllers, and does to them what a test wants."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

TOKEN = "the controller's"


class Wheelhouse(ThreadingHTTPServer):
    """`asked` is what was asked for, with its Range. `cut` ends the next answer after so many bytes; `redirect` sends
    whoever asks somewhere else; `more` is sent behind the wheel; with `ranges` false all is sent, whatever is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.wheels: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.cut: int | None = None
        self.redirect = ""
        self.more = b""
        self.ranges = True

    @property
    def url(self) -> str:
        """That of a telemetry socket, which is not there."""
        return f"ws://127.0.0.1:{self.server_address[1]}/base/ws/controller/telemetry"

    def put(self, wheel: bytes) -> str:
        """Its digest."""
        digest = hashlib.sha256(wheel).hexdigest()
        self.wheels[digest] = wheel
        return digest


class _Handler(BaseHTTPRequestHandler):
    server: Wheelhouse

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "")
        self.server.asked.append((self.path, asked))
        self.server.tokens.add(self.headers.get("Authorization", ""))
        wheel = self.server.wheels.get(self.path.rpartition("/")[2])
        if self.server.redirect:
            self.send_response(302)
            self.send_header("Location", self.server.redirect)
            self.end_headers()
        elif wheel is None:
            self.send_response(404)
            self.end_headers()
            self.wfile.write(b'{"message": "It is not for you."}')
        else:
            self._send(wheel, asked)

    def _send(self, wheel: bytes, asked: str) -> None:
        begin = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.server.ranges else 0
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(wheel) - 1}/{len(wheel)}")
        body = wheel[begin:] + self.server.more
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut, self.server.cut = self.server.cut, None
        self.wfile.write(body[:cut])

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def wheelhouse() -> Iterator[Wheelhouse]:
    """A running one."""
    with Wheelhouse() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
