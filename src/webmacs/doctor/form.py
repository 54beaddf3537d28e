"""Which form of WebMACS is examined: what mends it on a desk does not mend what `webmacs install` has set up."""

from pathlib import Path

from webmacs.config import Config
from webmacs.install.plan import RECORD


def installed(config: Config) -> bool:
    """By `webmacs install`, with services of systemd."""
    return (config.folder / Path(RECORD).name).exists()


def set_up(config: Config) -> str:
    """The command that makes what is missing."""
    return "webmacs install" if installed(config) else "webmacs setup"


def start(config: Config) -> str:
    """What starts everything, and says why something does not."""
    if config.database.embedded:
        return "`webmacs up` starts all parts"
    return "`systemctl start webmacs.target` starts all parts, and `journalctl -t webmacs-sidecar` says what they say"


def log_of_sidecar(config: Config) -> str:
    """Where it says what is wrong."""
    return "journalctl -t webmacs-sidecar -p warning" if installed(config) else "its log, var/log/sidecar.log"


def restart_rest_api(config: Config) -> str:
    """So that it reads its settings and the keys anew."""
    return "systemctl restart webmacs-rest" if installed(config) else "Restart PostgREST"
