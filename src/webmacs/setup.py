"""`webmacs setup`: writes what is missing, and what follows from config.toml in postgrest.conf and controller.toml."""

import re
import secrets
from pathlib import Path

from webmacs.config import Config, load_config
from webmacs.embedded.postgrest import write_conf
from webmacs.files import write_private
from webmacs.keys.folder import ensure_key
from webmacs.resources import resource

PASSWORDS = ("sidecar_password", "authenticator_password", "admin_password", "reader_password")
HEADER = "# Your settings, over those of config.default.toml, which explains them. It holds passwords.\n"
CONTROLLER = "controller.toml"


def set_up(config_file: Path | None) -> list[Path]:
    """Write config.toml, keys, postgrest.conf and controller.toml where missing. Returns the files it made."""
    config = load_config(config_file)
    made = [config.file] if _write_passwords(config) else []
    config = load_config(config_file)
    ensure_key(config)
    conf = config.folder / "postgrest.conf"
    made += [] if conf.exists() else [conf]
    write_conf(config)
    controller = config.folder / CONTROLLER
    if config.controller.start:
        made += [] if controller.exists() else [controller]
        _write_controller(config, controller)
    return made


def _write_passwords(config: Config) -> bool:
    """Add the passwords of the embedded server that no layer of the settings has. Returns whether there were any."""
    missing = [key for key in PASSWORDS if config.database.embedded and not getattr(config.database, key)]
    if config.file.exists() and not missing:
        return False
    text = config.file.read_text(encoding="utf-8") if config.file.exists() else HEADER
    lines = "".join(f'{key} = "{secrets.token_urlsafe(24)}"\n' for key in missing)
    config.file.parent.mkdir(parents=True, exist_ok=True)
    write_private(config.file, _with_lines(text, "[database]", lines))
    return True


def _with_lines(text: str, section: str, lines: str) -> str:
    """The TOML text with `lines` below the header of `section`, which is added if missing."""
    header = re.compile(rf"^{re.escape(section)}[^\n]*\n", re.MULTILINE)
    if not header.search(text):
        return f"{text.rstrip()}\n\n{section}\n{lines}"
    return header.sub(lambda found: found.group() + lines, text, count=1)


def _write_controller(config: Config, path: Path) -> None:
    """Write the demo controller's settings: its address of this sidecar anew each time, all other lines as they are."""
    text = (path if path.exists() else resource("controller.default.toml")).read_text(encoding="utf-8")
    url = f"ws://{config.server.connect_host}:{config.server.port}/ws/controller/telemetry"
    write_private(path, re.sub(r"(?m)^url = .*$", f'url = "{url}"', text, count=1))
