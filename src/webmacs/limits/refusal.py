"""The answer to who asks too often."""

from webmacs.errors import ApiError


def too_many(code: str, message: str, seconds: int) -> ApiError:
    """429 with the seconds after which to try again."""
    unit = "second" if seconds == 1 else "seconds"
    hint = f"Try again in {seconds} {unit}."
    return ApiError(429, code, message, hint=hint, headers={"Retry-After": str(seconds)})
