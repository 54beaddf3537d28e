"""Why a call failed, as a sentence without addresses' queries, signatures or other secrets."""

import os
import socket
import ssl
from collections.abc import Iterator

import httpcore

from webmacs.webhooks.guard import ForbiddenAddressError

FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, ForbiddenAddressError, OSError)


def explained(error: BaseException) -> str:
    """One of FAILURES in words."""
    if isinstance(error, ForbiddenAddressError):
        return str(error)
    for cause in _chain(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The certificate is not accepted: {cause.verify_message}."
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason or 'the connection ended'}."
        if isinstance(cause, socket.gaierror):
            return f"The name of the host has no address: {cause.strerror}."
    return _of_the_connection(error)


def _of_the_connection(error: BaseException) -> str:
    if isinstance(error, httpcore.LocalProtocolError):
        return "The request cannot be written as HTTP; look at its content type."
    if isinstance(error, httpcore.RemoteProtocolError):
        return "The answer is not HTTP, or ended before its time."
    if isinstance(error, httpcore.TimeoutException):
        return "The host does not answer."
    return f"The connection failed: {_system_message(error)}."


def _system_message(error: BaseException) -> str:
    """What the operating system says, at the end of the chain of causes."""
    numbers = [cause.errno for cause in _chain(error) if isinstance(cause, OSError) and cause.errno]
    return os.strerror(numbers[-1]) if numbers else "it was closed"


def _chain(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
