"""One shape for everything that goes wrong: `{code, message, details, hint}`, as PostgREST has it."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field


class ErrorBody(BaseModel):
    """What every answer that is not a success holds."""

    code: str = Field(description="For programs: a word, or the SQLSTATE of what the database refused.")
    message: str = Field(description="For people: what is wrong.")
    details: str | None = Field(description="More on it, or null.")
    hint: str | None = Field(description="What to do, or null.")


class ApiError(Exception):
    """An answer that is not a success. `code` is for programs, `message` and `hint` are for people."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: str | None = None,
        hint: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.hint = hint
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """What the client gets."""
        return {"code": self.code, "message": self.message, "details": self.details, "hint": self.hint}


class BrokenOffError(Exception):
    """An answer that has begun cannot be ended. The connection is closed, so that nobody takes it for whole."""


def unauthorized(message: str, hint: str | None = "Log in, or send a valid token.") -> ApiError:
    """401: we do not know who is asking."""
    return ApiError(401, "unauthorized", message, hint=hint, headers={"WWW-Authenticate": "Bearer"})


def unexpected(request_id: str) -> ApiError:
    """500: our mistake. What happened stands in the log under the same id, never in the answer."""
    return ApiError(
        500,
        "internal_error",
        "Something went wrong in the sidecar.",
        details=f"request id {request_id}",
        hint="Try again; if it stays, look for the request id in the sidecar's log.",
    )
