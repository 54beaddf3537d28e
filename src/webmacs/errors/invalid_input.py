"""What is wrong with a request's fields, in words. The value itself is never repeated: it may be a password."""

from collections.abc import Mapping, Sequence
from typing import Any

from webmacs.errors import ApiError

WORDS = {
    "missing": "{field} is missing.",
    "extra_forbidden": "{field} is not known here.",
    "string_type": "{field} must be a text.",
    "string_too_short": "{field} must have at least {min_length} characters.",
    "string_too_long": "{field} must have at most {max_length} characters.",
    "string_unicode": "{field} must be valid Unicode.",
    "nul": "{field} must not contain the character NUL.",
    "blank": "{field} must not be blank.",
    "bool_type": "{field} must be true or false.",
    "int_type": "{field} must be a whole number.",
    "int_parsing": "{field} must be a whole number.",
    "greater_than_equal": "{field} must be at least {ge}.",
    "less_than_equal": "{field} must be at most {le}.",
    "literal_error": "{field} must be {expected}.",
    "model_attributes_type": "{field} must be a JSON object.",
    "dict_type": "{field} must be a JSON object.",
}


def as_api_error(errors: Sequence[Mapping[str, Any]]) -> ApiError:
    """422 that names each field and what is allowed; 400 if the body is not JSON at all."""
    if any(error["type"] == "json_invalid" for error in errors):
        return ApiError(400, "invalid_json", "The body is not valid JSON.", hint="Send Content-Type: application/json.")
    sentences = [_sentence(error) for error in errors]
    details = " ".join(sentences) if len(sentences) > 1 else None
    return ApiError(422, "invalid_input", sentences[0], details=details, hint="GET /docs lists the fields.")


def _sentence(error: Mapping[str, Any]) -> str:
    place = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
    field = ".".join(place) or "The body of the request"
    template = WORDS.get(error["type"])
    if template:
        return template.format(field=field, **error.get("ctx", {}))
    if error["type"] == "value_error":  # raised by a validator of ours, whose words are complete
        return str(error["ctx"]["error"])
    return f"{field} is not valid: {error['msg']}."
