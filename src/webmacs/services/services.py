"""From a signed request to a token: who signed it, whether it counts, and the row of the token."""

import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from webmacs.accounts.grants import REGISTER_KEY
from webmacs.accounts.tokens import Grant, Tokens
from webmacs.config import Service
from webmacs.database import Pool
from webmacs.services.refusals import Failures, malformed, refusal, wrong_signature
from webmacs.services.signature import MalformedError, Signature, Signed, is_signed

OPEN = """
    select refusal, server_time, jti, sub, claim_role, issued_at, expires_at
      from private.open_service(%(service)s, %(nonce)s, %(created)s, %(user)s, %(role)s, %(read_only)s, %(kid)s,
                                %(seconds)s)
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Issued:
    """A token of a service."""

    token: str
    grant: Grant
    read_only: bool


class Services:
    """The services that the configuration names."""

    def __init__(self, services: Iterable[Service], pool: Pool, tokens: Tokens) -> None:
        self._services = {service.name: service for service in services}
        self._pool = pool
        self._tokens = tokens
        self._failures = Failures()
        self._nobodys_key = secrets.token_hex(32)

    def signer(self, signed: Signed, signature: Signature) -> Service:
        """Who signed this. Raises ApiError: the same for an unknown service and for a wrong signature."""
        service = self._services.get(signature.service)
        key = service.key if service else self._nobodys_key  # an unknown one takes as long
        try:
            right = is_signed(signed, signature, key)
        except MalformedError as error:
            raise malformed(str(error)) from None
        if service is None or not right:
            raise self._failures.note(signature.service, wrong_signature())
        return service

    async def open(self, service: Service, signature: Signature, only_read: bool) -> Issued:
        """A token for `service`. Raises ApiError if the request comes too late or again, or its user cannot act."""
        kid = self._tokens.keys.current.kid
        read_only = service.read_only or only_read
        values = {
            "service": service.name,
            "nonce": signature.nonce,
            "created": signature.created,
            "user": service.user,
            "role": service.role,
            "read_only": read_only,
            "kid": kid,
            "seconds": service.seconds,
        }
        async with self._pool.connection() as connection:
            await connection.execute(REGISTER_KEY, [kid])
            row = await (await connection.execute(OPEN, values)).fetchone()
        refused, server_time, *claims = row or ()
        if refused:
            raise self._failures.note(service.name, refusal(refused, server_time))
        grant = Grant(*claims)
        log.info("service %s got a token for %s as %s, jti %s", service.name, service.user, grant.role, grant.jti)
        return Issued(self._tokens.sign(grant), grant, read_only)
