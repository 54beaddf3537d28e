"""Where the files are that belong to the program but are not Python: `db/`, the default settings, the built page, …"""

from pathlib import Path

PACKAGE = Path(__file__).parent
IN_CHECKOUT = {"controller.default.toml": "controller/controller.default.toml", "page": "frontend/dist"}


def resource(name: str) -> Path:
    """The path of `db`, `apache`, `systemd`, `page`, `config.default.toml`, and what else hatch_build.py names.

    A wheel carries them in `webmacs/bundled`; in a checkout they are two folders above the package.
    """
    bundled = PACKAGE / "bundled" / name
    return bundled if bundled.exists() else PACKAGE.parents[1] / IN_CHECKOUT.get(name, name)
