"""Turns every exception that reaches the edge of the application into an answer of the one shape."""

import logging
from typing import Any

import psycopg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webmacs.errors import ApiError, BrokenOffError, database, invalid_input, unexpected
from webmacs.web.request_id import current_request_id

log = logging.getLogger(__name__)

WORDS = {
    400: ("bad_request", "The request cannot be understood."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method."),
    408: ("too_slow", "The request did not arrive in time."),
    413: ("too_large", "The body of the request is too large."),
}


def answer(error: ApiError) -> JSONResponse:
    """The response for an error."""
    return JSONResponse(error.body(), error.status, error.headers)


def register(app: FastAPI) -> None:
    """Handle each kind of exception that a route may raise."""
    app.add_exception_handler(ApiError, _on_api_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_input)
    app.add_exception_handler(psycopg.Error, _on_database_error)


async def _on_api_error(_: HTTPConnection, error: Any) -> JSONResponse:
    return answer(error)


async def _on_http_exception(_: HTTPConnection, error: Any) -> JSONResponse:
    code, message = WORDS.get(error.status_code, ("error", str(error.detail)))
    return answer(ApiError(error.status_code, code, message, headers=error.headers))


async def _on_invalid_input(_: HTTPConnection, error: Any) -> JSONResponse:
    return answer(invalid_input.as_api_error(error.errors()))


async def _on_database_error(_: HTTPConnection, error: Any) -> JSONResponse:
    answered = database.as_api_error(error)
    if answered is None:
        raise error
    if answered.status >= 500:
        log.warning("database: %s", " ".join(str(error).split()))
    return answer(answered)


class CatchAll:
    """Middleware: an exception that nobody expected is logged with its trace and answered with 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting_start)
        except BrokenOffError as error:
            log.warning("an answer was broken off: %s", " ".join(str(error).split()))
        except Exception:
            log.exception("unexpected error")
            if started:  # too late for an answer; breaking off tells the client that this one is not whole
                raise
            await answer(unexpected(current_request_id()))(scope, receive, send)
