"""Where versions of this server lie."""

from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
from webmacs_controller.updates import launcher
from webmacs_controller.updates.errors import BundleError, Reason
from webmacs_controller.updates.installation import Installation, Terms
from webmacs_controller.updates.watch import running_version

from webmacs.config import Config
from webmacs.here import sidecar
from webmacs.problem import Problem

BEFORE = "before.json"
PATIENCE = 5.0


class Before(msgspec.Struct, frozen=True):
    """Which parts did not work."""

    failing: list[str] = []


def make_installation(
    config: Config, copying_seconds: float = 0, ready: Callable[[], None] = lambda: None
) -> Installation | None:
    """None: this server is not updated in this way. The database is copied within the time of probation. `ready` is
    called before anything is installed, and raises Problem if it cannot be."""
    ota = config.ota
    if ota.folder is None:
        return None
    terms = Terms(ota.max_megabytes, ota.steady_seconds, ota.probation_seconds + copying_seconds)
    return Installation(ota.folder, terms, product="webmacs-server", ready=lambda: _as_bundle_error(ready))


def running(installation: Installation | None) -> str:
    """The version that we are; empty: none of these."""
    return running_version(installation.folder) if installation else ""


def require_installation(
    config: Config, copying_seconds: float = 0, ready: Callable[[], None] = lambda: None
) -> Installation:
    """Raises Problem."""
    installation = make_installation(config, copying_seconds, ready)
    if installation is None:
        raise Problem("[ota] folder is empty; it says where the versions of this server are to lie (docs/updates.md).")
    return installation


def ask_health(config: Config) -> tuple[str, list[str]] | None:
    """The version of the sidecar, and which parts do not work; None: it says nothing."""
    try:
        with sidecar(config).client(timeout=PATIENCE) as client:
            answer = client.get("/health").json()
        return answer["version"], sorted(name for name, part in answer["components"].items() if not part["ok"])
    except (httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _as_bundle_error(ready: Callable[[], None]) -> None:
    try:
        ready()
    except Problem as problem:
        raise BundleError(Reason.NOT_READY, str(problem)) from None


def note_before(folder: Path, config: Config) -> None:
    """How this version is, before another one takes its place: that one is to be as well, and need not be better."""
    launcher.write(folder / BEFORE, {"failing": (ask_health(config) or ("", []))[1]})


def read_before(installation: Installation) -> Before:
    """Where nothing was noted all is demanded."""
    try:
        return msgspec.json.decode((installation.folder / BEFORE).read_bytes(), type=Before)
    except (OSError, msgspec.MsgspecError):
        return Before()
