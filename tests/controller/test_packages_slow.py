"""Servers that keep a download under way for ever: a byte now and then."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
from webmacs_controller.packages import opener
from webmacs_controller.packages.download import DownloadError, Source
from webmacs_controller.packages.pace import Pace, TooSlowError
from webmacs_controller.packages.package import Package

PACKAGE = Package("lab-lamp", "1.0", "lab_lamp-1.0-py3-none-any.whl", 1_000_000, "a" * 64, None)
SOME = b"x" * 1000


class Dripping(ThreadingHTTPServer):
    """Sends the beginning, as `how` says, and what comes then only when `gone` is set."""

    def __init__(self, how: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.how = how
        self.gone = Event()


class _Handler(BaseHTTPRequestHandler):
    server: Dripping

    def do_GET(self) -> None:
        if self.server.how == "headers":
            self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Letters: ")
            while not self.server.gone.wait(0.02):
                self.wfile.write(b"x")
            return
        self.send_response(404 if self.server.how == "refusal" else 200)
        self.send_header("Content-Length", str(PACKAGE.size))
        self.end_headers()
        self.wfile.write(SOME)
        self.server.gone.wait(20)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def dripping(how: str) -> Iterator[str]:
    with Dripping(how) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.server_address[1]}/ws/controller/telemetry"
        finally:
            server.gone.set()
            server.shutdown()
            thread.join()


def hours_go_by() -> Pace:
    """A pace whose clock is an hour later at each look."""
    return Pace(clock=itertools.count(0, 3600).__next__)


def test_a_body_that_drips(tmp_path: Path) -> None:
    """What has come stays for the next try."""
    path = tmp_path / "part"
    with dripping("body") as url, pytest.raises(DownloadError, match="too slowly: 1000 bytes in 3600 s"):
        Source(url, lambda: "t", pace=hours_go_by).fetch(PACKAGE, path)
    assert path.read_bytes() == SOME


def test_headers_that_drip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opener, "ANSWER_SECONDS", 0.2)
    with dripping("headers") as url, pytest.raises((DownloadError, OSError)):
        Source(url, lambda: "t").fetch(PACKAGE, tmp_path / "part")


def test_a_refusal_that_drips(tmp_path: Path) -> None:
    with dripping("refusal") as url, pytest.raises(DownloadError, match="the server answers 404: Not Found"):
        Source(url, lambda: "t", pace=hours_go_by).fetch(PACKAGE, tmp_path / "part")


@pytest.mark.parametrize(
    ("seconds", "count", "slow"),
    [(59, 0, False), (61, 0, True), (160, 400_000, False), (161, 399_000, True), (100_000, 500_000_000, False)],
)
def test_the_least_rate(seconds: float, count: int, slow: bool) -> None:
    pace = Pace(least_rate=4000, patience=60, clock=iter([0, seconds]).__next__)
    if slow:
        with pytest.raises(TooSlowError, match="4000 a second are the least"):
            pace.came(count)
    else:
        pace.came(count)
