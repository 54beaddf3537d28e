"""GET /docs: the interface in words, made from OpenAPI. Needs no script and nothing from other servers."""

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """A page for people; programs read /openapi.json."""
    schema = request.app.openapi()
    return HTMLResponse("\n".join(_page(schema)))


def _page(schema: dict[str, Any]) -> Iterator[str]:
    title = escape(schema["info"]["title"])
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
    yield f"<h1>{title} {escape(schema['info']['version'])}</h1><p>{escape(schema['info'].get('description', ''))}</p>"
    yield '<p>For programs: <a href="/openapi.json">openapi.json</a></p>'
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            yield from _operation(path, method, operation)
    yield "<h1>Objects</h1>"
    for name, model in schema["components"]["schemas"].items():
        yield from _model(name, model)
    yield "</html>"


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation.get('summary', ''))}.</p>"
    yield f"<p>{escape(operation.get('description', ''))}</p><ul>"
    if operation.get("security"):
        yield "<li>needs the header <code>Authorization: Bearer &lt;token&gt;</code></li>"
    if body := operation.get("requestBody"):
        yield f"<li>takes {_kind(_json(body))}</li>"
    for status, answer in operation["responses"].items():
        yield f"<li>{escape(status)}: {_kind(_json(answer)) or escape(answer['description'])}</li>"
    yield "</ul>"


def _model(name: str, model: dict[str, Any]) -> Iterator[str]:
    yield f'<h2 id="{escape(name)}">{escape(name)}</h2><p>{escape(model.get("description", ""))}</p><dl>'
    for field, about in model.get("properties", {}).items():
        needed = "" if field in model.get("required", []) else ", may be missing"
        yield f"<dt><code>{escape(field)}</code>: {_kind(about)}{needed}</dt>"
        yield f"<dd>{escape(about.get('description', ''))}</dd>"
    yield "</dl>"


def _json(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _kind(about: dict[str, Any]) -> str:
    """A type in words, with a link where it is an object of ours."""
    if reference := about.get("$ref"):
        name = escape(reference.rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    if choices := about.get("anyOf"):
        return " or ".join(map(_kind, choices))
    if values := about.get("enum"):
        return " or ".join(escape(str(value)) for value in values)
    return escape(str(about.get("format", about.get("type", ""))))
