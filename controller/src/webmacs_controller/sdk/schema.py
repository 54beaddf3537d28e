"""The JSON Schema of a plugin's settings, in a form from which a page draws a form and a database checks values.

Nothing refers to anything else, every object names all its keys, and what may be null has a `type` that says so.
`propertyOrder` keeps the order of the settings where that of keys is lost, `unit` is that of the value, and a secret is
`writeOnly`.
"""

from typing import Any, TypeAlias

import msgspec

Schema: TypeAlias = dict[str, Any]

KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
NULL = {"type": "null"}


def schema_of(kind: type[Any]) -> Schema:
    """Of a dataclass. Raises TypeError where a type is none that JSON has, or contains itself."""
    (reference,), definitions = msgspec.json.schema_components([kind], ref_template="{name}")
    plain: Schema = msgspec.json.decode(msgspec.json.encode(_plain(reference, definitions, ())))
    return plain


def _plain(node: Schema, definitions: dict[str, Schema], inside: tuple[str, ...]) -> Schema:
    """`node` with all that it refers to; `inside` names the definitions that it is a part of."""
    if name := node.get("$ref"):
        if name in inside:
            raise TypeError(f"{name} contains itself, so no form can be drawn from it")
        # the title of a definition is the name of a class, which says nothing to people
        node = {key: value for key, value in (definitions[name] | node).items() if key != "$ref"}
        node = {key: value for key, value in node.items() if (key, value) != ("title", name)}
        inside = (*inside, name)
    if "anyOf" in node:
        node = _nullable(node, [_plain(choice, definitions, inside) for choice in node["anyOf"]])
    if "enum" in node and "type" not in node:
        node = node | {"type": _kind(node["enum"])}
    if "items" in node:
        node = node | {"items": _plain(node["items"], definitions, inside)}
    if "properties" in node:
        node = node | {"properties": _properties(node, definitions, inside), "additionalProperties": False}
    elif isinstance(node.get("additionalProperties"), dict):
        node = node | {"additionalProperties": _plain(node["additionalProperties"], definitions, inside)}
    return node


def _properties(node: Schema, definitions: dict[str, Schema], inside: tuple[str, ...]) -> Schema:
    return {
        key: {"title": key.replace("_", " ").capitalize(), "propertyOrder": place} | _plain(value, definitions, inside)
        for place, (key, value) in enumerate(node["properties"].items(), 1)
    }


def _nullable(node: Schema, choices: list[Schema]) -> Schema:
    """`X | None` as an X whose type may also be null. Other choices stay what they are."""
    others = [choice for choice in choices if choice != NULL]
    if len(others) != 1:
        return node | {"anyOf": choices}
    outside = {key: value for key, value in node.items() if key != "anyOf"}
    inner = others[0] | {"type": [others[0]["type"], "null"]}
    if "enum" in inner:
        inner["enum"] = [*inner["enum"], None]
    return inner | outside


def _kind(values: list[Any]) -> str | list[str]:
    kinds = sorted({KINDS[type(value)] for value in values})
    return kinds[0] if len(kinds) == 1 else kinds
