"""One shape for everything that goes wrong: `{code, message, details, hint}`, as PostgREST has it."""

from collections.abc import Mapping
from typing import Any


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


def unauthorized(message: str, hint: str | None = "Log in, or send a valid token.") -> ApiError:
    """401: we do not know who is asking."""
    return ApiError(401, "WM401", message, hint=hint, headers={"WWW-Authenticate": "Bearer"})
