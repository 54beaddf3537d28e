"""Whether REST API and sidecar refuse what they must, tried with a token that was good a moment ago."""

import base64
import json

import httpx

from webmacs import here
from webmacs.config import Config
from webmacs.doctor.http import trial_token
from webmacs.doctor.result import Result

REFUSED = 401
RESTART = (
    "Restart it, so that it reads its settings and the keys anew. If that does not help, take it from the network."
)


def rest_api(config: Config) -> Result:
    """PostgREST. Strangers do not even get its documentation."""
    return _examine(config, "REST API", here.rest_api(config), "/me", "/")


def sidecar(config: Config) -> Result:
    """The sidecar."""
    return _examine(config, "sidecar", here.sidecar(config), "/auth/me", "/auth/me")


def _examine(config: Config, name: str, there: here.Here, path: str, for_nobody: str) -> Result:
    with there.client() as client:
        with trial_token(config) as token:
            good = _status(client, path, token)
            taken = [what for what, forged in _forged(token).items() if _status(client, path, forged) != REFUSED]
        if _status(client, path, token) != REFUSED:
            taken.append("a token that was revoked")
        if client.get(for_nobody).status_code != REFUSED:
            taken.append("no token at all")
    if taken:
        return Result(name, f"{there}: {path} takes {', '.join(taken)}", RESTART)
    if good != httpx.codes.OK:
        return Result(name, f"{there}: {path} answered {good} to a token of ours", "See `webmacs doctor`.")
    return Result(
        name, "takes a token of ours, and no more once it is revoked; none that was forged; nobody without one"
    )


def _forged(token: str) -> dict[str, str]:
    header, claims, signature = token.split(".")
    unsigned = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    raised = base64.urlsafe_b64encode(_decoded(claims).replace(b"webmacs_viewer", b"webmacs_admin")).rstrip(b"=")
    return {
        "a token without a signature": f"{unsigned}.{claims}.",
        "a token that was changed": f"{header}.{raised.decode()}.{signature}",
        "a token whose signature is another": f"{header}.{claims}.{signature[::-1]}",
    }


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _status(client: httpx.Client, path: str, token: str) -> int:
    return client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code
