"""The certificate that browsers and controllers are shown, whoever signed it and wherever it lies."""

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509

from webmacs.config import Config

TLS_PORT = 443
HERE = "127.0.0.1"
PATIENCE = 3.0  # seconds
LATELY, AGAIN = 3600.0, 600.0  # seconds for which an answer counts, and none
SOON = timedelta(days=30)
ADVICE = "`webmacs install` signs its own anew; your own: put the new one there, then systemctl reload apache2"


def shown(config: Config, only_here: bool = False) -> x509.Certificate | None:
    """By who answers at the public address, or else on this machine. None: nobody does, or the page is at http.

    Whether it can be trusted is not asked: what counts is what others see.
    """
    url = urlsplit(config.server.public_url)
    if url.scheme != "https" or not url.hostname:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for host in (HERE,) if only_here else (url.hostname, HERE):
        try:
            with (
                socket.create_connection((host, url.port or TLS_PORT), PATIENCE) as plain,
                context.wrap_socket(plain, server_hostname=url.hostname) as connection,
            ):
                return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")
        except (OSError, ValueError):
            continue
    return None


def ends(certificate: x509.Certificate) -> str | None:
    """What is to be said of one that ends within SOON; None: nothing yet."""
    end = certificate.not_valid_after_utc
    left = end - datetime.now(UTC)
    if left > SOON:
        return None
    return f"ends on {end:%Y-%m-%d}" if left > timedelta(0) else f"has ended on {end:%Y-%m-%d}"


_seen: dict[str, tuple[float, x509.Certificate | None]] = {}


def lately_shown(config: Config) -> x509.Certificate | None:
    """The same, for who asks often."""
    url, now = config.server.public_url, time.monotonic()
    until, found = _seen.get(url, (0.0, None))
    if now >= until:
        found = shown(config)
        _seen[url] = (now + (LATELY if found else AGAIN), found)
    return found
