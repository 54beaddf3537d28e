"""What an uploaded wheel is, before anything of it is stored."""

import hashlib
from dataclasses import dataclass
from typing import Any

from webmacs_controller.packages import File
from webmacs_controller.packages.errors import WheelError
from webmacs_controller.packages.package import Trust
from webmacs_controller.packages.wheel import Wheel, inspect

from webmacs.config import Plugins
from webmacs.errors import ApiError

HINTS = {
    "not_signed": "Sign it: minisign -Sm FILE, and send the header File-Signature; docs/plugins.md shows how.",
    "wrong_signature": "docs/plugins.md shows how to sign; [plugins] trusted_keys names who may.",
}


@dataclass(frozen=True)
class Examined:
    """A wheel that is good, signed by a key that is trusted; None: by nobody, which the configuration allows."""

    wheel: Wheel
    size: int
    sha256: str
    signature: str | None
    signed_by: str | None

    def columns(self) -> dict[str, Any]:
        """Of its row in plugin_packages."""
        return {
            "name": self.wheel.name,
            "version": self.wheel.version,
            "file_name": self.wheel.file_name,
            "size": self.size,
            "sha256": self.sha256,
            "summary": self.wheel.summary,
            "requires_python": self.wheel.requires_python,
            "requires": self.wheel.requires,
            "plugins": self.wheel.plugins,
            "signature": self.signature,
            "signed_by": self.signed_by,
        }


def examine(file: File, file_name: str, signature: str | None, config: Plugins) -> Examined:
    """Reads all of it, which takes its time. Raises ApiError 400, whose code is the reason."""
    trust = Trust(config.trusted, config.allow_unsigned)
    try:
        signed_by = trust.check(file, signature)  # first: all else is only read in what somebody known has made
        wheel = inspect(file, file_name, config.max_megabytes)
    except WheelError as error:
        raise ApiError(400, error.code, str(error), hint=HINTS.get(error.code)) from None
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")
    return Examined(wheel, file.tell(), digest.hexdigest(), signature, signed_by)
