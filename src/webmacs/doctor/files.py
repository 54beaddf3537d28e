"""What is on the disk of this machine: settings, keys, room, backups, Apache's certificate."""

import json
import os
import shutil
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from webmacs.backup.make import listed
from webmacs.config import Config
from webmacs.doctor.result import Result
from webmacs.embedded.postgrest import CONF
from webmacs.keys.folder import JWKS, exposed, load_keys
from webmacs.supervisor.first_time import CONTROLLER_TOKEN

LEAST_FREE = 0.05
LEAST_BYTES = 1024**3
OLDEST_BACKUP = 2 * 86_400
CERTIFICATE_DAYS = 30


def settings(config: Config) -> Result:
    """Nobody else may read what holds passwords or a token. That config.toml is right, loading it has shown."""
    secret = [config.file, config.folder / CONF, config.folder / CONTROLLER_TOKEN]
    opened = [str(file) for file in secret if file.exists() and _others_can_read(file, config)]
    if opened:
        return Result("settings", f"{', '.join(opened)} can be read by other accounts", f"chmod 600 {' '.join(opened)}")
    if not config.file.exists():
        return Result("settings", f"no {config.file}; defaults and environment", None)
    return Result("settings", str(config.file))


def keys(config: Config) -> Result:
    """There is a signing key, only we can read it, and PostgREST's set has it."""
    found = load_keys(config)
    folder = config.auth.keys_dir
    if found is None:
        return Result("keys", f"no key in {folder}", "webmacs setup")
    if opened := exposed(config):
        advice = f"chmod go= {opened[0]}; webmacs keys retire, if somebody may have read a key"
        return Result("keys", f"{opened[0]} is open to other accounts", advice)
    if _published(folder / JWKS) != found.jwks():
        return Result("keys", f"{folder / JWKS} is not the set of the keys beside it", "webmacs setup, then restart")
    return Result("keys", f"{len(found.keys)} in {folder}, {found.current.kid[:8]}… signs")


def disk(config: Config) -> Result:
    """Room where the data are (of the embedded server), else where the settings are."""
    data = config.database.data_dir if config.database.embedded else config.folder
    place = data if data.exists() else config.folder
    usage = shutil.disk_usage(place)
    found = f"{usage.free / 1024**3:.1f} GiB of {usage.total / 1024**3:.1f} free at {place}"
    enough = usage.free > LEAST_BYTES and usage.free > LEAST_FREE * usage.total
    return Result("disk", found, None if enough else "Make room, or move the data to a larger disk.")


def backups(config: Config) -> Result:
    """Where one is to be made each night, the newest is not old. At a desk that is everybody's own affair."""
    folder = config.backup.dir
    newest = max(listed(folder), default=None)
    if config.database.embedded or not folder.exists():
        return Result(
            "backups", f"the newest is {newest}" if newest else f"none in {folder}; `webmacs backup` makes one"
        )
    if not os.access(folder, os.R_OK | os.X_OK):
        return Result("backups", f"{folder} is not for this account to see")
    # the folder is as old as the installation until there is the first
    age = time.time() - (newest or folder).stat().st_mtime
    found = f"{newest} is {age / 3600:.0f} hours old" if newest else f"none in {folder} yet"
    advice = "webmacs backup; then see why there is none of last night: journalctl -u webmacs-backup"
    return Result("backups", found, advice if age > OLDEST_BACKUP else None)


def certificate(config: Config) -> Result:
    """Apache's does not end soon: browsers and controllers would be shut out."""
    file = config.gateway.certificate
    if not config.server.public_url.startswith("https:"):
        return Result("certificate", "none is needed: the page is at http")
    try:
        content = file.read_bytes()
    except (FileNotFoundError, PermissionError):
        return Result("certificate", f"there is none, or not for this account to see: {file}")
    try:
        end = x509.load_pem_x509_certificate(content).not_valid_after_utc
    except ValueError:
        return Result("certificate", f"{file} is none", "Put the certificate there that belongs to its key.")
    days = (end - datetime.now(UTC)).days
    advice = "webmacs install signs its own anew; your own: put the new one there, then systemctl reload apache2"
    return Result("certificate", f"{file} counts until {end:%Y-%m-%d}", advice if days < CERTIFICATE_DAYS else None)


def _published(jwks: Path) -> object:
    """The set of keys that PostgREST reads; None if the file is missing or broken."""
    try:
        return json.loads(jwks.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _others_can_read(file: Path, config: Config) -> bool:
    """As `webmacs install` has it, root's files may be read by the services, whose group has the folder of the keys."""
    state, folder = file.stat(), config.auth.keys_dir
    services = state.st_uid == 0 and folder.exists() and state.st_gid == folder.stat().st_gid != 0
    return bool(state.st_mode & (stat.S_IROTH if services else stat.S_IRGRP | stat.S_IROTH))
