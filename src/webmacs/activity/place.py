"""Where somebody is, and with what."""

from starlette.requests import HTTPConnection

from webmacs.activity.seen import Place
from webmacs.web.client_address import client_address


def place_of(connection: HTTPConnection) -> Place:
    """The address, and the program as it calls itself, at the other end."""
    return client_address(connection), connection.headers.get("User-Agent")
