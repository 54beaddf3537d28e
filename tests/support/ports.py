"""Free ports, which stay free until they are used."""

import itertools
import socket
from collections.abc import Iterator
from contextlib import suppress

# Below those that the kernel gives to whoever connects: one of these is taken only by who asks for it by number.
BLOCKS = range(10_000, 32_000, 1_000)


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on, and that no other process of any test run is given."""
    return next(port for port in _ports if _is_free(port))


def _of_one_block() -> Iterator[int]:
    """In turn, so that a port comes again when its user has long gone."""
    first = next(block for block in BLOCKS if _is_ours(block))
    yield from itertools.cycle(range(first + 1, first + BLOCKS.step))


def _is_ours(first: int) -> bool:
    """Whoever is bound to the first port of a block has it, until the process ends."""
    claim = socket.socket()
    try:
        claim.bind(("127.0.0.1", first))
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


_claims: list[socket.socket] = []
_ports = _of_one_block()
