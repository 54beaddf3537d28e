"""Secrets that a file of their own holds, as systemd, Docker and Kubernetes hand them out."""

import stat
from pathlib import Path

from webmacs.config.setting import ConfigError, Setting

LONGEST = 4096  # bytes


def read_secret(setting: Setting, file: Path) -> Setting:
    """The secret in the file that `setting` names, without the end of its line.

    Raises ConfigError if the file cannot be read, is empty or no text, or if everybody on this machine may read it.
    """
    try:
        with file.open("rb") as opened:
            others = stat.S_IMODE(file.stat().st_mode) & stat.S_IRWXO
            text = opened.read(LONGEST + 1).decode().rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ConfigError(f"{setting.name} {setting.source}: {file} cannot be read: {reason}.") from None
    if others:
        raise ConfigError(f"{setting.name} {setting.source}: others may read or write {file}; chmod o= it.")
    if not text.strip() or len(text) > LONGEST:
        raise ConfigError(f"{setting.name} {setting.source}: {file} must hold 1 to {LONGEST} bytes.")
    return Setting(setting.section, setting.key.removesuffix("_file"), text, f"in {file}", entry=setting.entry)
