"""HTTP connections whose answer has to begin within a time. The time-out of a socket counts from byte to byte: a header
that comes letter by letter would take days."""

import socket
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from threading import Timer
from urllib.request import HTTPHandler, HTTPSHandler, Request

ANSWER_SECONDS = 60.0


class _InTime(HTTPConnection):
    def getresponse(self) -> HTTPResponse:
        guard = Timer(ANSWER_SECONDS, self._end)
        guard.daemon = True
        guard.start()
        try:
            return super().getresponse()
        finally:
            guard.cancel()

    def _end(self) -> None:
        """Whoever waits for it sees that it is over."""
        with suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _InTimeByTls(_InTime, HTTPSConnection):
    pass


class _Http(HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_InTime, req)


class _Https(HTTPSHandler):
    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_InTimeByTls, req)


HANDLERS = (_Http, _Https)
