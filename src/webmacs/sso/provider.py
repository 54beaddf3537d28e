"""One identity provider: where it sends browsers, and what it says of who comes back."""

from urllib.parse import quote_plus

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from webmacs.config import Sso
from webmacs.sso.http import Json, ask, get_json
from webmacs.sso.id_token import UnknownKey, check_claims, signed_claims
from webmacs.sso.metadata import Metadata, read_metadata
from webmacs.sso.person import Person, read_person
from webmacs.sso.refusal import Refusal, unavailable, untrusted
from webmacs.sso.remembered import Remembered

# Seconds. Keys that the provider has withdrawn count no longer than theirs.
METADATA_SECONDS, KEYS_SECONDS = 3600, 600
PAUSE = 10


class Provider:
    """Asks a provider as `[[sso]]` describes it; `redirect_uri` is where browsers come back to."""

    def __init__(self, settings: Sso, client: httpx.AsyncClient, redirect_uri: str) -> None:
        self.settings = settings
        self._client = client
        self._redirect_uri = redirect_uri
        self._metadata = Remembered(self._fetch_metadata, METADATA_SECONDS, PAUSE)
        self._keys = Remembered(self._fetch_keys, KEYS_SECONDS, PAUSE)

    async def try_out(self) -> None:
        """Raise Refusal if the provider does not answer as it must for anybody to log in."""
        await self._keys.get()

    async def address_to_log_in(self, state: str, nonce: str, verifier: str) -> str:
        """Where to send a browser. Raises Refusal if the provider does not answer."""
        metadata = await self._metadata.get()
        address = prepare_grant_uri(
            metadata.authorization_endpoint,
            client_id=self.settings.client_id,
            response_type="code",
            redirect_uri=self._redirect_uri,
            scope=" ".join(self.settings.scopes),
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),  # type: ignore[no-untyped-call]
            code_challenge_method="S256",
        )
        return str(address)

    async def redeem(self, code: str, verifier: str) -> Json:
        """The tokens for a code. Raises Refusal if the provider refuses it, or does not answer."""
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        status, answer = await self._ask_for_tokens(form | {"redirect_uri": self._redirect_uri})
        if status != 200:
            raise Refusal("provider_refused", f"the provider refused the code: {answer.get('error')!s:.100}")
        return answer

    async def renew(self, refresh_token: str) -> Json:
        """The tokens for a refresh token. Raises Refusal: `provider_refused` only if the provider says no to that."""
        status, answer = await self._ask_for_tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})
        if answer.get("error") == "invalid_grant":
            raise Refusal("provider_refused", "the provider no longer knows the login")
        if status != 200:
            raise unavailable(f"the provider did not say whether a login goes on: {answer.get('error')!s:.100}")
        return answer

    async def person(self, answer: Json, nonce_hash: bytes) -> Person:
        """Whose tokens these are. Raises Refusal if they must not be believed, or the person has no role here."""
        claims = await self._claims(answer, nonce_hash)
        return read_person(self.settings, claims, await self._user_info(answer, claims["sub"]))

    async def person_again(self, answer: Json, subject: str) -> Person:
        """What is said today of this subject, in an answer of `renew`, which may be without an ID token."""
        claims = await self._claims(answer, None) if answer.get("id_token") else {"sub": subject}
        if claims["sub"] != subject:
            raise untrusted("the ID token is about another person than the session")
        return read_person(self.settings, claims, await self._user_info(answer, subject))

    async def check_issuer(self, named: str | None) -> None:
        """Raise Refusal if a browser comes back from another provider than it was sent to (RFC 9207)."""
        if named is None and not (await self._metadata.get()).names_itself:
            return
        if named != self.settings.issuer:
            raise untrusted("the browser came back from another provider, or from one that does not name itself")

    async def _claims(self, answer: Json, nonce_hash: bytes | None) -> Json:
        metadata, token = await self._metadata.get(), answer.get("id_token")
        keys = await self._keys.get()
        try:
            signed = signed_claims(token, keys, metadata.algorithms)
        except UnknownKey:
            signed = await self._signed_by_newer_key(token, keys, metadata)
        return check_claims(signed, self.settings, nonce_hash, answer.get("access_token"))

    async def _signed_by_newer_key(self, token: object, keys: KeySet, metadata: Metadata) -> jwt.Token:
        try:
            return signed_claims(token, await self._keys.renew(keys), metadata.algorithms)
        except UnknownKey:
            raise untrusted("the ID token is signed by a key that the provider does not publish") from None

    async def _ask_for_tokens(self, form: dict[str, str]) -> tuple[int, Json]:
        metadata = await self._metadata.get()
        proof, auth = self._proof(in_body=metadata.secret_in_body)
        status, answer = await ask(self._client, "POST", metadata.token_endpoint, data=form | proof, auth=auth)
        if status >= 500:
            raise unavailable(f"{metadata.token_endpoint} answered {status}")
        return status, answer

    def _proof(self, in_body: bool) -> tuple[dict[str, str], httpx.BasicAuth | None]:
        """That it is us who ask: in the form or in the header (RFC 6749, section 2.3.1)."""
        identity, secret = self.settings.client_id, self.settings.client_secret
        if secret and not in_body:
            return {}, httpx.BasicAuth(quote_plus(identity), quote_plus(secret))
        return {"client_id": identity} | ({"client_secret": secret} if secret else {}), None

    async def _user_info(self, answer: Json, subject: str) -> Json:
        """What the provider tells of the person besides, if it has something to tell."""
        address = (await self._metadata.get()).userinfo_endpoint
        if address is None:
            return {}
        bearer = {"Authorization": f"Bearer {answer.get('access_token')}"}
        told = await get_json(self._client, address, headers=bearer)
        if told.get("sub") != subject:
            raise untrusted("the user info is about another person than the ID token")
        return told

    async def _fetch_metadata(self) -> Metadata:
        issuer = self.settings.issuer
        address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        return read_metadata(issuer, await get_json(self._client, address))

    async def _fetch_keys(self) -> KeySet:
        said = await get_json(self._client, (await self._metadata.get()).jwks_uri)
        try:
            return KeySet.import_key_set(said)  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise unavailable(f"the keys of the provider cannot be read: {type(error).__name__}") from None
