"""The targets of many webhooks: most answer at once, some take the connection and never answer."""

import asyncio
import json
import sys
import time

import uvloop

from bench.load.receiver import receive


async def main(port: int, dead_port: int, expected: int, seconds: float) -> None:
    """Says `ready`; prints how many different messages came and when the last of those expected did."""
    ids: set[bytes] = set()
    done = asyncio.Event()

    def on_call(_path: bytes, message_id: bytes, _body: bytes) -> None:
        ids.add(message_id)
        if len(ids) == expected:
            done.set()

    await receive(port, on_call)
    await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", dead_port, backlog=1000)
    print("ready", flush=True)
    begin = time.perf_counter()
    try:
        async with asyncio.timeout(seconds):
            await done.wait()
    except TimeoutError:
        pass
    print(json.dumps({"messages": len(ids), "seconds": time.perf_counter() - begin}))


if __name__ == "__main__":
    uvloop.run(main(**json.loads(sys.argv[1])))
