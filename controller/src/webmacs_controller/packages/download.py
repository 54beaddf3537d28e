"""A wheel or a bundle from the server, over HTTP, with the controller's token."""

import hashlib
import json
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from webmacs_controller.packages.opener import HANDLERS
from webmacs_controller.packages.pace import Pace, TooSlowError

SOCKET = "/ws/controller/telemetry"
PACKAGES, BUNDLES = "/plugins/packages/", "/ota/bundles/"
STALL_SECONDS = 30.0
PIECE = 1 << 18


class DownloadError(Exception):
    """It did not come, or not as it should; the next try may succeed."""


class _NoRedirect(HTTPRedirectHandler):
    """The token is for nobody else."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Wanted(Protocol):
    """A file that the server has."""

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> str: ...


def address(server: str, sha256: str, place: str = PACKAGES) -> str:
    """Where a file is, by the address of the telemetry socket."""
    url = urlsplit(server)
    scheme = {"ws": "http", "wss": "https"}[url.scheme]
    return urlunsplit((scheme, url.netloc, f"{url.path.removesuffix(SOCKET)}{place}{sha256}", "", ""))


class Source:
    """A server, and the token for it. Blocking. `pace` says of each download how slow it may be."""

    def __init__(
        self, server: str, token: Callable[[], str], place: str = PACKAGES, pace: Callable[[], Pace] = Pace
    ) -> None:
        self._server = server
        self._token = token
        self._place = place
        self._pace = pace

    def fetch(self, package: Wanted, path: Path) -> None:
        """The whole file, whose digest is right, in this file; what is in it already is not fetched again. Raises
        DownloadError, OSError."""
        begun = path.stat().st_size if path.exists() else 0
        if begun < package.size:
            self._fetch(package, path, begun)
        if (come := path.stat().st_size) < package.size:
            raise DownloadError(f"the server broke off after {come} of {package.size} bytes")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != package.sha256:
            path.unlink()
            raise DownloadError("what the server sent is not what it had told of")

    def _fetch(self, package: Wanted, path: Path, begun: int) -> None:
        headers = {"Authorization": f"Bearer {self._token()}"}
        if begun:
            headers["Range"] = f"bytes={begun}-"
        url = address(self._server, package.sha256, self._place)
        request = Request(url, headers=headers)  # noqa: S310 - http(s), see address
        try:
            with build_opener(_NoRedirect, *HANDLERS).open(request, timeout=STALL_SECONDS) as answer:
                _save(answer, path, begun, package.size, self._pace())
        except HTTPError as error:
            raise DownloadError(_words(error, self._pace())) from None
        except HTTPException as error:
            raise DownloadError(f"the server broke off: {error!r}") from None
        except TooSlowError as error:
            raise DownloadError(str(error)) from None


def _save(answer: HTTPResponse, path: Path, begun: int, size: int, pace: Pace) -> None:
    goes_on = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {begun}-")
    with path.open("ab" if goes_on else "wb") as file:
        left = size - file.tell()
        # read1: as much as there is; `read` would wait for a whole piece, however long that takes
        while left and (piece := answer.read1(min(PIECE, left))):
            file.write(piece)
            left -= len(piece)
            pace.came(len(piece))


def _words(error: HTTPError, pace: Pace) -> str:
    """What the server says, or else its status."""
    try:
        message = json.loads(_short(error, pace))["message"]
    except (ValueError, LookupError, TypeError, OSError, HTTPException, TooSlowError):
        message = error.reason
    return f"the server answers {error.code}: {message}"


def _short(error: HTTPError, pace: Pace) -> bytes:
    body = b""
    while len(body) < PIECE and (piece := error.read1(PIECE)):
        body += piece
        pace.came(len(piece))
    return body
