"""Errors of the database as answers: the same status for the same SQLSTATE as PostgREST gives."""

import psycopg

from webmacs.errors import ApiError, unauthorized

# A whole SQLSTATE, or the class that its first two characters are.
STATUS = {
    "08": 503,  # connection lost
    "22": 400,  # a value that cannot be
    "23": 400,  # a constraint
    "23503": 409,  # foreign key
    "23505": 409,  # unique
    "25006": 405,  # read-only transaction
    "40": 503,  # deadlock or serialisation: the next try succeeds
    "42501": 403,  # no right
    "53": 503,  # no connections, memory or disk left
    "57": 503,  # shutting down, starting up
    "57014": 504,  # statement time-out
    "P0001": 400,  # raised on purpose
}

DISK_FULL = "53100"


def as_api_error(error: psycopg.Error) -> ApiError | None:
    """The answer for what the database said; None if it is our own mistake, such as wrong SQL."""
    state = error.sqlstate
    if state is None:
        return _without_state(error)
    status = _status(state)
    if status in (None, 500):
        return None
    if status == 401:
        return unauthorized(error.diag.message_primary or "Unauthorized.", error.diag.message_hint)
    if state == DISK_FULL:
        said = error.diag
        message = said.message_primary or "The disk of the database is full."
        return ApiError(503, state, message, hint=said.message_hint, headers={"Retry-After": "30"})
    if status in (503, 504) and not state.startswith("PT"):
        return _unavailable(status, state)
    return _refused(status, state, error.diag)


def _status(state: str) -> int | None:
    if state.startswith("PT") and state[2:].isdigit():
        return int(state[2:])
    return STATUS.get(state) or STATUS.get(state[:2])


def _without_state(error: psycopg.Error) -> ApiError | None:
    """The client library's own errors: no connection, or a text that PostgreSQL cannot hold."""
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return _unavailable(503, "database_unavailable")
    if isinstance(error, psycopg.DataError):
        return ApiError(400, "invalid_input", "A text contains characters that cannot be stored.")
    return None


def _unavailable(status: int, code: str) -> ApiError:
    if status == 504:
        return ApiError(504, code, "The database took too long.", hint="Ask for less at once, or try again later.")
    message = "The database cannot be reached at the moment."
    return ApiError(503, code, message, hint="Try again in a moment.", headers={"Retry-After": "1"})


def _refused(status: int, state: str, said: psycopg.errors.Diagnostic) -> ApiError:
    """A constraint is named by the sentence that it stands for. Its detail may show the whole row, so it stays here."""
    if state.startswith("23"):
        name = said.constraint_name or ""
        message = f"{name[0].upper()}{name[1:]}." if " " in name else said.message_primary or "Refused."
        return ApiError(status, state, message, hint=said.message_hint)
    return ApiError(
        status, state, said.message_primary or "Refused.", details=said.message_detail, hint=said.message_hint
    )
