"""An upload of a file."""

import http.client
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PIECE = 1 << 18


def main(port: int, path: str, token: str, file: str) -> None:
    """Prints seconds, and what the sidecar says of the file."""
    headers = {"Authorization": f"Bearer {token}", "Content-Length": str(Path(file).stat().st_size)}
    connection = http.client.HTTPConnection("127.0.0.1", port)
    begin = time.perf_counter()
    connection.request("POST", path, _pieces(file), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(body)
    print(json.dumps({"seconds": time.perf_counter() - begin, "report": json.loads(body)}))


def _pieces(file: str) -> Iterator[bytes]:
    with Path(file).open("rb") as stream:
        while piece := stream.read(PIECE):
            yield piece


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
