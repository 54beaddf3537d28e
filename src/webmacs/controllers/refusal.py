"""What the database says to a message of a controller that makes no sense."""

import psycopg

from webmacs.sockets.errors import FrameError

# SQLSTATE classes by which the database says that the message is wrong.
REFUSALS = ("22", "23", "42", "P0", "PT")


def refusal(error: psycopg.Error, code: str) -> FrameError | None:
    """The answer if the message is at fault; None if it may be sent again."""
    if not (error.sqlstate or "").startswith(REFUSALS):
        return None
    # the name of a constraint is a sentence
    sentence = error.diag.constraint_name if isinstance(error, psycopg.errors.CheckViolation) else None
    return FrameError(code, sentence or error.diag.message_primary or "This message is not understood.")
