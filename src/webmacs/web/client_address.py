"""From which address somebody asks."""

from starlette.requests import HTTPConnection


def client_address(connection: HTTPConnection) -> str | None:
    """The address of the peer, without the zone of a link-local one; None: it has none, as on a Unix socket."""
    return connection.client.host.partition("%")[0] if connection.client else None
