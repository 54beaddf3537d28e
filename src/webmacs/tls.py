"""Who is believed to be whom the certificate names."""

import ssl
from functools import cache

import httpcore


@cache
def trusted() -> ssl.SSLContext:
    """Checks certificates by the authorities of this machine, of which a lab may have its own, and by Mozilla's.

    One for all who ask others, since it takes 30 ms to read them.
    """
    return httpcore.default_ssl_context()


@cache
def nobody() -> ssl.SSLContext:
    """For who asks without TLS, and yet has to say whom it would believe."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
