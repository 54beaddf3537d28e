"""Whether a bundle is signed as it must be, by The Update Framework: python-tuf's client, with the bundle in the place
of a server.

It keeps what it has verified in a folder; here that is one of its own, and what it held counts only when the whole
bundle is good. So a bundle that is refused moves no counter.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from tuf.api import exceptions
from tuf.api.metadata import Metadata, Targets
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from webmacs_controller.updates.bundle import LONGEST_MANIFEST, MANIFEST, Bundle
from webmacs_controller.updates.errors import BundleError, Reason
from webmacs_controller.updates.trusted import Trusted, signed_part, version_of

ROLES = ("root", "timestamp", "snapshot", "targets")
LONGEST_METADATA = 512_000
BASE = "bundle:///"
METADATA, TARGETS = f"{BASE}metadata/", f"{BASE}targets/"
LIMITS = UpdaterConfig(
    root_max_length=LONGEST_METADATA, snapshot_max_length=LONGEST_METADATA, targets_max_length=LONGEST_METADATA
)


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed: the manifest's bytes, the counter, until when it counts, and what is to be trusted from now
    on."""

    manifest: bytes
    counter: int
    expires: datetime
    trusted: Trusted


def check_signatures(bundle: Bundle, root: bytes, trusted: Trusted, folder: Path) -> Signed:
    """`root` is the list of keys that came with the machine, `folder` an empty one. Raises BundleError, OSError."""
    _check_same_counter(bundle, trusted)
    with _in_words():
        _lay_out(folder, trusted)
        pinned, source = _pinned(root, trusted), _FromBundle(bundle)
        client = Updater(str(folder), METADATA, None, TARGETS, source, LIMITS, bootstrap=pinned)
        client.refresh()
        target = client.get_targetinfo(MANIFEST)
        if target is None or target.length > LONGEST_MANIFEST:
            raise BundleError(Reason.WRONG_MANIFEST, "There is no manifest among what was signed, or it is too long.")
        manifest = Path(client.download_target(target, str(folder / MANIFEST))).read_bytes()
        targets = Metadata[Targets].from_file(str(folder / "targets.json")).signed
        return Signed(manifest, targets.version, targets.expires.astimezone(UTC), _gathered(folder, trusted))


def _check_same_counter(bundle: Bundle, trusted: Trusted) -> None:
    """TUF's client would go on with what it has, and find that the manifest does not fit."""
    known = trusted.metadata.get("targets")
    if known and bundle.size("metadata/targets.json"):
        fresh = bundle.read("metadata/targets.json", LONGEST_METADATA)
        if version_of(fresh) == version_of(known) and signed_part(fresh) != signed_part(known):
            raise BundleError(
                Reason.OTHER_BYTES, f"The counter {version_of(known)} was taken here before, with other bytes."
            )


def _pinned(root: bytes, trusted: Trusted) -> bytes:
    """The newer one: whoever writes a newer list of keys into the settings means it."""
    known = trusted.metadata.get("root", "")
    return known.encode() if version_of(known) > version_of(root) else root


def _lay_out(folder: Path, trusted: Trusted) -> None:
    for role, text in trusted.metadata.items():
        if role != "root":
            (folder / f"{role}.json").write_text(text)


def _gathered(folder: Path, trusted: Trusted) -> Trusted:
    newest = {role: (folder / f"{role}.json").read_text() for role in ROLES}
    return Trusted(newest, trusted.contents, trusted.seen)


class _FromBundle(FetcherInterface):
    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def _fetch(self, url: str) -> Iterator[bytes]:
        name = unquote(url.removeprefix(BASE))
        if self._bundle.size(name) is None:
            raise exceptions.DownloadHTTPError(f"{name} is missing in it", 404)
        return self._bundle.pieces(name)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except exceptions.ExpiredMetadataError as error:
        raise BundleError(Reason.EXPIRED, f"Its time is over ({error}); ask its maker for a newer one.") from None
    except exceptions.BadVersionNumberError as error:
        raise BundleError(Reason.OLDER, f"It is older than what was taken here before ({error}).") from None
    except exceptions.UnsignedMetadataError as error:
        raise BundleError(
            Reason.WRONG_SIGNATURE, f"It is not signed by those whose keys are trusted here ({error})."
        ) from None
    except exceptions.LengthOrHashMismatchError as error:
        raise BundleError(Reason.TAMPERED, f"Something in it is not what was signed ({error}).") from None
    except exceptions.DownloadLengthMismatchError as error:
        raise BundleError(Reason.TOO_LARGE, f"Something in it is longer than what was signed ({error}).") from None
    except exceptions.DownloadError as error:
        raise BundleError(Reason.DAMAGED, f"It is not whole: {error}.") from None
    except (exceptions.RepositoryError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BundleError(Reason.TAMPERED, f"What is signed in it cannot be read ({error}).") from None
