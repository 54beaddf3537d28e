"""Plugin packages: wheels as an author builds them, broken in one way each, and signed as minisign does."""

import hashlib

from tests.support.postgres import Connection


def store_package(connection: Connection, name: str, version: str = "1.0", content: bytes = b"") -> int:
    """A row of its own, as after an upload; its number. Without content it is a row that no test looks into."""
    content = content or f"{name} {version}".encode()
    row = connection.execute(
        """
        insert into private.plugin_packages (name, version, file_name, size, sha256, summary, requires_python, requires,
                                             plugins)
        values (%s, %s, %s, %s, %s, 'A test.', '', '[]', '["p"]') returning id
        """,
        (name, version, f"{name}-{version}-py3-none-any.whl", len(content), hashlib.sha256(content).hexdigest()),
    ).fetchone()
    assert row is not None
    connection.execute("insert into private.plugin_package_pieces values (%s, 0, %b)", (row[0], content))
    return int(row[0])
