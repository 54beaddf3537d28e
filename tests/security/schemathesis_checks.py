"""What schemathesis checks besides its own checks; its program loads this module."""

from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response

SHAPE = {"code", "message", "details", "hint"}


@schemathesis.check
def one_error_shape(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Whatever is refused is refused by the one JSON object."""
    if response.status_code >= 400:
        assert set(response.json()) == SHAPE, response.text[:500]
