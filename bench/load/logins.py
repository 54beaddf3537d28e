"""Some clients that log in without pause, as often as they are let in."""

import asyncio
import json
import sys
import time

import httpx
import uvloop


async def main(port: int, password: str, clients: int, seconds: float) -> None:
    """Prints logins a second, and how many were turned away."""
    until = time.perf_counter() + seconds
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
        found = await asyncio.gather(*[_log_in(client, password, until) for _ in range(clients)])
    let_in, turned_away = (sum(each[place] for each in found) for place in (0, 1))
    print(json.dumps({"rate": let_in / seconds, "turned_away": turned_away}))


async def _log_in(client: httpx.AsyncClient, password: str, until: float) -> tuple[int, int]:
    let_in = turned_away = 0
    while time.perf_counter() < until:
        answer = await client.post("/auth/login", json={"username": "viewer", "password": password})
        assert answer.status_code in (200, 429), answer.text
        let_in += answer.status_code == 200
        turned_away += answer.status_code == 429
    return let_in, turned_away


if __name__ == "__main__":
    uvloop.run(main(**json.loads(sys.argv[1])))
