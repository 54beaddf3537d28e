"""Bundles of updates in the database, as after an upload."""

import hashlib
import itertools

from tests.support.postgres import Connection

PIECE = 1 << 20
_numbers = itertools.count(1)


def store_bundle(connection: Connection, content: bytes = b"", product: str = "webmacs-controller") -> int:
    """A row of its own; its number."""
    number = next(_numbers)
    content = content or f"bundle {number}".encode()
    row = connection.execute(
        """
        insert into private.update_bundles (product, version, counter, from_version, architecture, python, made_at,
                                            expires_at, changes, parts, content, signed_by, file_name, size, sha256)
        values (%s, %s, (select coalesce(max(counter), 0) + 1 from private.update_bundles), '0', 'any', '3.11', now(),
                now() + interval '1 year', 'Better.', '[]', %s, '[]', 'x.update', %s, %s) returning id
        """,
        (product, f"{number}.0", str(number), len(content), hashlib.sha256(content).hexdigest()),
    ).fetchone()
    assert row is not None
    for index, begin in enumerate(range(0, len(content), PIECE)):
        statement = "insert into private.update_bundle_pieces values (%s, %s, %b)"
        connection.execute(statement, (row[0], index, content[begin : begin + PIECE]))
    return int(row[0])
