"""Why a service gets no token: what it is told, what the log says, and how often that is said."""

import logging
from datetime import datetime

from webmacs.errors import ApiError
from webmacs.limits.buckets import Buckets

IN_A_MINUTE = 30  # that are answered and logged one by one
READ_THERE = "docs/services.md shows how a request is signed."

log = logging.getLogger(__name__)


def malformed(message: str) -> ApiError:
    """400: it cannot be told who signed this."""
    return ApiError(400, "malformed_signature", message, hint=READ_THERE)


def wrong_signature() -> ApiError:
    """401, the same for a service that is not known."""
    return _unauthorized("wrong_signature", "The signature does not count.")


def refusal(code: str, server_time: datetime) -> ApiError:
    """The answer to what the database refused."""
    if code == "outside_time_window":
        now = f"The server's time is {int(server_time.timestamp())}, {server_time.isoformat(timespec='seconds')}."
        return _unauthorized(code, "created is more than 60 seconds away from the server's time.", now)
    if code == "replayed":
        return _unauthorized(code, "This nonce was used before; each counts once.")
    return ApiError(
        403,
        code,
        "The user that this service acts for is not there or not active.",
        hint="Look at the account, or at [[services]] in config.toml.",
    )


class Failures:
    """Counts what is refused, so that nobody fills the log. Whoever signs rightly is not held up by it."""

    def __init__(self) -> None:
        self._left = Buckets(IN_A_MINUTE)

    def note(self, service: str, error: ApiError) -> ApiError:
        """The error to raise, now that it is logged; 429 if there were too many."""
        if wait := self._left.wait("all"):
            return ApiError(
                429,
                "too_many_failures",
                "Too many requests for tokens of services failed lately.",
                hint="One that is signed rightly is taken all the same.",
                headers={"Retry-After": str(int(wait) + 1)},
            )
        log.warning("no token for service %s: %s", service, error.code)
        return error


def _unauthorized(code: str, message: str, details: str | None = None) -> ApiError:
    return ApiError(401, code, message, details=details, hint=READ_THERE, headers={"WWW-Authenticate": "Signature"})
