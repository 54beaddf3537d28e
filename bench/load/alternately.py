"""The same GET request by one client to each of several servers in turn, so that whatever else goes on concerns all."""

import asyncio
import json
import sys
import time

import uvloop

from bench.load.requests import ask, get


async def main(ports: list[int], path: str, token: str, seconds: float) -> None:
    """Prints the median of each port, in milliseconds."""
    until = time.perf_counter() + seconds
    connections = [await asyncio.open_connection("127.0.0.1", port) for port in ports]
    request = get(path, token)
    times: list[list[float]] = [[] for _ in ports]
    while time.perf_counter() < until:
        for (reader, writer), taken in zip(connections, times, strict=True):
            taken.append(await ask(reader, writer, request))
    for _, writer in connections:
        writer.close()
    print(json.dumps({"p50": [sorted(taken)[len(taken) // 2] for taken in times]}))


if __name__ == "__main__":
    uvloop.run(main(**json.loads(sys.argv[1])))
