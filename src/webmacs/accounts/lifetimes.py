"""How long a program's token may last."""

from webmacs.problem import Problem

DAY = 86_400  # seconds
USUAL_DAYS = 365


def chosen_days(wanted: int | None, longest: int) -> int:
    """`wanted`, or what is usual, within `[auth] api_token_days`. Raises Problem if it is more than that."""
    if wanted is not None and wanted > longest:
        raise Problem(f"A program's token lasts at most {longest} days, as [auth] api_token_days says.")
    return wanted or min(USUAL_DAYS, longest)
