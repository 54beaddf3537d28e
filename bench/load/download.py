"""Downloads, one after the other: how long until the first byte of the last one, and until its last."""

import http.client
import json
import sys
import time

PIECE = 1 << 18


def main(port: int, path: str, token: str, times: int) -> None:
    """Prints seconds, milliseconds until the first byte, and bytes."""
    for _ in range(times):
        found = _download(port, path, token)
    print(json.dumps(found))


def _download(port: int, path: str, token: str) -> dict[str, float]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    begin = time.perf_counter()
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(answer.read())
    size = len(answer.read(1))
    first = time.perf_counter() - begin
    while piece := answer.read(PIECE):
        size += len(piece)
    connection.close()
    return {"seconds": time.perf_counter() - begin, "first_ms": first * 1000, "bytes": size}


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
