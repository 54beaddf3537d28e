"""Asking a provider: JSON objects of bounded size, in bounded time, from the address that was asked."""

import asyncio
import json
from typing import Any

import httpx

from webmacs.sso.refusal import unavailable

SECONDS = 5.0  # for one question, whatever it waits for
LARGEST = 1024 * 1024  # bytes of an answer

Json = dict[str, Any]


async def get_json(client: httpx.AsyncClient, address: str, **more: Any) -> Json:
    """The JSON object at an address. Raises Refusal if there is none."""
    status, body = await ask(client, "GET", address, **more)
    if status != 200:
        raise unavailable(f"{address} answered {status}")
    return body


async def ask(client: httpx.AsyncClient, method: str, address: str, **more: Any) -> tuple[int, Json]:
    """The status and the JSON object of an answer. Raises Refusal if there is none; follows no redirect."""
    try:
        async with asyncio.timeout(SECONDS), client.stream(method, address, **more) as response:
            return response.status_code, _parsed(await _read(response))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise unavailable(f"{address} cannot be reached: {type(error).__name__} {error}") from None
    except (ValueError, RecursionError):
        raise unavailable(f"{address} answered no JSON object") from None


async def _read(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST:
            raise ValueError("too large")
    return body


def _parsed(body: bytes) -> Json:
    parsed = json.loads(body)
    if not isinstance(parsed, dict):
        raise ValueError("no object")
    return parsed
