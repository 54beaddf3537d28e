#!/opt/webmacs/current/bin/python
"""healthy ADDRESS [SOCKET]: whether somebody answers there, in time and without an error of its own."""

import sys

import httpx

SECONDS = 8


def main(address: str, socket: str | None = None) -> None:
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=socket), timeout=SECONDS, trust_env=False) as client:
            answer = client.get(address)
    except httpx.TransportError as error:
        sys.exit(f"{socket or address}: {error}")
    if answer.status_code >= 500:
        sys.exit(f"{socket or address}: {answer.status_code} {answer.text[:300]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
