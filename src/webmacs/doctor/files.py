"""What is on the disk of this machine: settings, keys, room, backups."""

import json
import os
import shutil
import stat
import time
from pathlib import Path

import psycopg

from webmacs.backup.make import listed
from webmacs.config import Config
from webmacs.doctor import form
from webmacs.doctor.result import Result
from webmacs.embedded.postgrest import CONF
from webmacs.history import storage
from webmacs.keys.folder import JWKS, exposed, load_keys
from webmacs.supervisor.first_time import CONTROLLER_TOKEN

LEAST_FREE = 0.05
LEAST_BYTES = 1024**3
OLDEST_BACKUP = 2 * 86_400
SINCE = "select extract(epoch from min(applied_at))::float8 from private.migrations"
PATIENCE = 5  # seconds to connect


def settings(config: Config) -> Result:
    """Nobody else may read what holds passwords or a token. That config.toml is right, loading it has shown."""
    secret = [config.file, config.folder / CONF, config.folder / CONTROLLER_TOKEN]
    opened = [str(file) for file in secret if file.exists() and _others_can_read(file, config)]
    if opened:
        close = "chgrp webmacs {0}; chmod 640 {0}" if form.installed(config) else "chmod 600 {0}"
        return Result("settings", f"{', '.join(opened)} can be read by other accounts", close.format(" ".join(opened)))
    if not config.file.exists():
        return Result("settings", f"no {config.file}; defaults and environment", None)
    return Result("settings", str(config.file))


def keys(config: Config) -> Result:
    """There is a signing key, only we can read it, and PostgREST's set has it."""
    found = load_keys(config)
    folder = config.auth.keys_dir
    if found is None:
        return Result("keys", f"no key in {folder}", form.set_up(config))
    if opened := exposed(config):
        close = "go-w" if opened[0] == folder else "go="
        advice = f"chmod {close} {opened[0]}; webmacs keys retire, if somebody may have read a key"
        return Result("keys", f"{opened[0]} is open to other accounts", advice)
    if _published(folder / JWKS) != found.jwks():
        advice = f"{form.set_up(config)}, then restart"
        return Result("keys", f"{folder / JWKS} is not the set of the keys beside it", advice)
    return Result("keys", f"{len(found.keys)} in {folder}, {found.current.kid[:8]}… signs")


def disk(config: Config) -> Result:
    """Room where the data are, if that is on this machine, else where the settings are."""
    room, place = storage.room(config), "the disk of the database"
    if room is None:
        usage = shutil.disk_usage(config.folder)
        room, place = storage.Room(usage.free, usage.total), str(config.folder)
    found = f"{room.free / 1024**3:.1f} GiB of {room.total / 1024**3:.1f} free, {place}"
    enough = room.free > LEAST_BYTES and room.free > LEAST_FREE * room.total
    return Result("disk", found, None if enough else "Make room, keep less (docs/retention.md), or take a larger disk.")


def backups(config: Config) -> Result:
    """Where one is to be made each night, the newest is not old. At a desk that is everybody's own affair."""
    folder = config.backup.dir
    newest = max(listed(folder), default=None)
    if config.database.embedded:
        return Result(
            "backups", f"the newest is {newest}" if newest else f"none in {folder}; `webmacs backup` makes one"
        )
    if folder.exists() and not os.access(folder, os.R_OK | os.X_OK):
        return Result("backups", f"{folder} is not for this account to see")
    since = newest.stat().st_mtime if newest else _installed_at(config)
    age = time.time() - since if since is not None else 0.0
    missing = f"none in {folder}" if folder.exists() else f"none, for there is no {folder}"
    found = f"{newest} is {age / 3600:.0f} hours old" if newest else f"{missing}; installed {age / 3600:.0f} hours ago"
    advice = "webmacs backup; then see why there is none of last night: journalctl -u webmacs-backup"
    return Result("backups", found, advice if age > OLDEST_BACKUP else None)


def _installed_at(config: Config) -> float | None:
    """When its database was made, in seconds since 1970; None: it is away, which another examination says."""
    try:
        with psycopg.connect(config.database.admin_uri, connect_timeout=PATIENCE) as connection:
            row = connection.execute(SINCE).fetchone()
    except psycopg.Error:
        return None
    return row[0] if row else None


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
