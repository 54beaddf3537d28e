"""Whether an uploaded bundle is one, before anything of it is listed."""

from pathlib import Path
from typing import Any

import msgspec
from webmacs_controller.updates.bundle import open_bundle
from webmacs_controller.updates.errors import BundleError, Reason
from webmacs_controller.updates.manifest import Manifest
from webmacs_controller.updates.trusted import Trusted

from webmacs.config import Config
from webmacs.errors import ApiError

HINTS = {
    Reason.WRONG_SIGNATURE: "[ota] root names the list of keys that counts here; docs/updates.md shows how to sign.",
    Reason.TOO_LARGE: "[ota] max_megabytes is the limit.",
}


def examine_upload(path: Path, config: Config) -> dict[str, Any]:
    """The columns of a bundle that is good. Each controller verifies it again. Raises ApiError 400, whose code is the
    reason."""
    # loaded where it is needed: TUF's client takes its time and memory, and uploads are rare
    from webmacs_controller.updates.examination import examine

    from webmacs.release.bundles import signed_by

    root = read_root(config)
    try:
        with open_bundle(path, config.ota.max_megabytes) as bundle:
            examined = examine(bundle, root, Trusted(), config.ota.max_megabytes, folder=path.parent)
            keys, _ = signed_by(bundle)
    except BundleError as error:
        raise ApiError(400, error.reason, str(error), hint=HINTS.get(error.reason)) from None
    return _columns(examined.manifest) | {"signed_by": keys}


def read_root(config: Config) -> bytes:
    """The list of keys. Raises ApiError 409."""
    if not config.ota.root:
        raise ApiError(
            409, "no_root", "No list of keys says who may sign bundles.", hint="Set [ota] root; docs/updates.md."
        )
    try:
        return (config.folder / config.ota.root).read_bytes()
    except OSError as error:
        raise ApiError(409, "no_root", f"The list of keys of [ota] root cannot be read: {error.strerror}.") from None


def _columns(manifest: Manifest) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(manifest)
    names = ("product", "version", "counter", "from_version", "architecture", "python", "changes", "parts")
    return {
        **{name: said[name] for name in names},
        "made_at": said["created"],
        "expires_at": said["expires"],
        "content": manifest.content,
    }
