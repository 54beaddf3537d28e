"""Addresses that are made from other settings where they are not given."""

from dataclasses import replace
from urllib.parse import quote

from webmacs.config.sections import Database, Server
from webmacs.config.setting import ConfigError


def with_uris(database: Database) -> Database:
    """The same settings with no URI empty. Raises ConfigError if there is nothing to make one from."""
    if not database.embedded:
        _require(database)
        return database
    return replace(
        database,
        uri=database.uri or embedded_uri(database, "webmacs_sidecar", database.sidecar_password),
        authenticator_uri=database.authenticator_uri
        or embedded_uri(database, "webmacs_authenticator", database.authenticator_password),
        admin_uri=database.admin_uri or embedded_uri(database, "postgres", database.admin_password),
    )


def with_public_url(server: Server) -> Server:
    """The same settings with the address of the page, on this machine if nothing else is said."""
    host = f"[{server.connect_host}]" if ":" in server.connect_host else server.connect_host
    return replace(server, public_url=server.public_url or f"http://{host}:{server.port}")


def embedded_uri(database: Database, role: str, password: str) -> str:
    """The URI of `role` in the database of the embedded server."""
    name = quote(database.name, safe="")
    return f"postgresql://{role}:{quote(password, safe='')}@127.0.0.1:{database.port}/{name}"


def _require(database: Database) -> None:
    for key in ("uri", "authenticator_uri", "admin_uri"):
        if not getattr(database, key):
            raise ConfigError(
                f"[database] {key} is empty; with embedded = false it must be a postgresql:// URI of your server."
            )
