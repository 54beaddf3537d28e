"""Serves the built frontend where no route answers; its own addresses all get index.html."""

import os
import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from webmacs.errors import ApiError

# Addresses of programs: an unknown one below them is a 404 in JSON, never the page.
API = re.compile(r"/(api|auth|ws|export|import|ota|plugins/packages|\.well-known|docs|metrics|health)(/|$)")
# assets/index-BqX9_k2a.js: another content has another name
HASHED = re.compile(r"assets/.*-[A-Za-z0-9_-]{8}\.\w+$")


class Page:
    """The ASGI application behind all routes."""

    def __init__(self, folder: Path) -> None:
        self._index = folder / "index.html"
        self._files = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or API.match(scope["path"]):
            raise HTTPException(404)
        if not self._index.is_file():
            raise ApiError(404, "not_found", "There is nothing at this address.", hint="The page is not built yet.")
        response = await self._respond(scope)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope) -> Response:
        path = self._files.get_path(scope)
        try:
            response = await self._files.get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or os.path.splitext(path)[1]:  # noqa: PTH122 - an address, not a file
                raise
            response = await self._files.get_response("index.html", scope)
        response.headers["Cache-Control"] = _caching(path)
        return response


def _caching(path: str) -> str:
    return "public, max-age=31536000, immutable" if HASHED.search(path) else "no-cache"
