"""The virtual host: the template `apache/webmacs.conf` with its values."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from webmacs.config import Config
from webmacs.gateway.certificate import TLS_PORT
from webmacs.ota import routes as ota
from webmacs.problem import Problem
from webmacs.resources import resource
from webmacs.web.security_headers import content_security_policy

MEGABYTE = 1024 * 1024
# None of these can end the quotes that a value stands in, nor begin a variable of Apache's.
UNWANTED = re.compile(r"[\"\\\n\r$%{}]")


def virtual_host(config: Config) -> str:
    """The file for Apache. Raises Problem if the settings are not those of a server behind it."""
    text = resource("apache").joinpath("webmacs.conf").read_text(encoding="utf-8")
    for name, value in _values(config).items():
        if UNWANTED.search(value):
            raise Problem(f"Apache's virtual host cannot have {value!r} in it; see {name} there.")
        text = text.replace(f'Define {name} ""', f'Define {name} "{value}"')
    return text


def _values(config: Config) -> dict[str, str]:
    public = urlsplit(config.server.public_url)
    if public.scheme != "https" or public.hostname is None or public.path:
        raise Problem('Behind Apache [server] public_url is how browsers reach it, such as "https://lab.example.org".')
    return {
        "WEBMACS_HOST": public.hostname,
        "WEBMACS_AUTHORITY": public.netloc,
        "WEBMACS_PORT": str(public.port or TLS_PORT),
        "WEBMACS_HTTP_PORT": str(config.gateway.http_port),
        "WEBMACS_CERTIFICATE": str(config.gateway.certificate),
        "WEBMACS_CERTIFICATE_KEY": str(config.gateway.certificate_key),
        "WEBMACS_SIDECAR": _socket(config.server.gateway_socket, "[server] gateway_socket"),
        "WEBMACS_REST_API": _socket(config.postgrest.socket, "[postgrest] socket"),
        "WEBMACS_PAGE": str(config.server.page),
        "WEBMACS_ERRORS": str(resource("apache") / "errors"),
        "WEBMACS_LOST": str(resource("apache") / "lost.lua"),
        "WEBMACS_BODIES": str(resource("apache") / "bodies.lua"),
        "WEBMACS_PACKAGE_BYTES": str(config.plugins.max_megabytes * MEGABYTE),
        "WEBMACS_BUNDLE_BYTES": str(config.ota.max_megabytes * ota.MEGABYTE),
        "WEBMACS_CSP": content_security_policy(config),
    }


def _socket(path: Path | None, setting: str) -> str:
    if path is None:
        raise Problem(f"{setting} is empty; Apache reaches it by a Unix socket, such as /run/webmacs/….")
    return str(path)
