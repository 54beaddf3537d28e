"""How a plugin's author describes one setting."""

from typing import Any

import msgspec


def setting(
    description: str,
    *,
    title: str | None = None,
    unit: str | None = None,
    secret: bool = False,
    **limits: Any,
) -> msgspec.Meta:
    """For `Annotated[int, setting("Unit on the bus", ge=1, le=247)]`.

    `title` labels the field of a form (else: the setting's name), `unit` stands behind it. A `secret` is stored apart
    and never shown; give its field `repr=False`. Limits are those of msgspec.Meta: `ge`, `gt`, `le`, `lt`,
    `multiple_of`, `min_length`, `max_length`, `pattern`.
    """
    extra: dict[str, Any] = {}
    if unit is not None:
        extra["unit"] = unit
    if secret:
        extra["writeOnly"] = True
    return msgspec.Meta(title=title, description=description, extra_json_schema=extra or None, **limits)
