"""Where browsers find the parts."""

from urllib.parse import urlsplit

from webmacs.config import Config


def rest_api_url(config: Config) -> str:
    """PostgREST's address. Behind a gateway it is `/api` of the public address, else the same host, its own port."""
    public = urlsplit(config.server.public_url)
    if public.port != config.server.port:
        return f"{config.server.public_url}/api"
    return f"{public.scheme}://{_host(public.hostname)}:{config.postgrest.port}"


def websocket_origin(config: Config) -> str:
    """The public address for WebSockets."""
    public = urlsplit(config.server.public_url)
    return f"{'wss' if public.scheme == 'https' else 'ws'}://{public.netloc}"


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _host(name: str | None) -> str:
    return f"[{name}]" if name and ":" in name else name or "localhost"
