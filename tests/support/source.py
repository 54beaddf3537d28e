"""A web server that is a source of updates, and behaves as a test wants."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Answer = Callable[["Handler"], None]


class SourceServer(ThreadingHTTPServer):
    """`answers` has what is done for each path; `asked` is each path with its Range; `over` is set at the end."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, str]] = []
        self.over = Event()

    @property
    def url(self) -> str:
        """Of its root, without a slash."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def has(self, path: str, content: bytes, cut: int | None = None, **headers: Any) -> str:
        """A file; its address."""
        self.answers[path] = lambda handler: handler.send(content, cut, **headers)
        return self.url + path

    def sends_on(self, path: str, to: str, status: int = 302) -> str:
        """A redirect; its address."""
        self.answers[path] = lambda handler: handler.send(b"", None, status, Location=to)
        return self.url + path


class Handler(BaseHTTPRequestHandler):
    """Of one request."""

    server: SourceServer

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Range", "")))
        self.server.answers.get(self.path, _missing)(self)

    def send(self, content: bytes, cut: int | None = None, status: int = 200, **headers: str) -> None:
        """`cut`: so much of it, once; then the connection breaks."""
        span = self.headers.get("Range", "") if status == 200 else ""
        begin = int(span.removeprefix("bytes=").removesuffix("-") or 0)
        self.send_response(206 if begin else status)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - begin))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        first = len([path for path, _ in self.server.asked if path == self.path]) == 1
        self.wfile.write(content[begin : cut if first else None])

    def endless(self, piece: bytes, pause: float = 0.0) -> None:
        """Until the other one has gone."""
        self.send_response(200)
        self.end_headers()
        try:
            while not self.server.over.wait(pause):
                self.wfile.write(piece)
        except OSError:
            pass

    def silent(self) -> None:
        """Say nothing."""
        self.server.over.wait(20)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _missing(handler: Handler) -> None:
    handler.send(b"", status=404)


@contextmanager
def source_server() -> Iterator[SourceServer]:
    """A running one."""
    with SourceServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
