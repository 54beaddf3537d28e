"""GET requests over kept connections, one after the other on each: how many a second, and how long they take."""

import asyncio
import json
import sys
import time

import uvloop


async def main(port: int, path: str, token: str, clients: int, seconds: float) -> None:
    """Prints requests a second and quantiles in milliseconds."""
    until = time.perf_counter() + seconds
    times = [
        taken
        for each in await asyncio.gather(*[_client(port, path, token, until) for _ in range(clients)])
        for taken in each
    ]
    times.sort()
    found = {"rate": len(times) / seconds, "p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)]}
    print(json.dumps(found))


def get(path: str, token: str) -> bytes:
    """The request, as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> float:
    """Milliseconds until all of the answer is there. Raises RuntimeError if it is no success."""
    begin = time.perf_counter()
    writer.write(request)
    await _answer(reader)
    return (time.perf_counter() - begin) * 1000


async def _client(port: int, path: str, token: str, until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = get(path, token)
    times = []
    while time.perf_counter() < until:
        times.append(await ask(reader, writer, request))
    writer.close()
    return times


async def _answer(reader: asyncio.StreamReader) -> None:
    """Read one of any form."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if " 200 " not in head.partition("\r\n")[0]:
        raise RuntimeError(head)
    if "transfer-encoding: chunked" not in head:
        await reader.readexactly(int(head.partition("content-length:")[2].partition("\r\n")[0]))
        return
    while (size := int((await reader.readline()).strip(), 16)) > 0:
        await reader.readexactly(size + 2)
    await reader.readline()


if __name__ == "__main__":
    uvloop.run(main(**json.loads(sys.argv[1])))
