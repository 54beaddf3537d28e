"""A web server that takes calls until it is told to stop: what the webhooks of a flood call."""

import asyncio
import json
import sys

import uvloop

from bench.load.receiver import receive


async def main(port: int, seconds: float) -> None:
    """Prints how many calls came."""
    ids: list[bytes] = []
    await receive(port, lambda _path, message_id, _body: ids.append(message_id))
    await asyncio.sleep(seconds)
    print(json.dumps({"calls": len(ids), "messages": len(set(ids))}))


if __name__ == "__main__":
    uvloop.run(main(**json.loads(sys.argv[1])))
