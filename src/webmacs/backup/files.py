"""What lies outside the database and has to come back with it: settings, keys, secrets.

Packages of plugins, bundles of updates and files of experiments are in the database.
"""

import os
import stat
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from webmacs.backup.archive import Reader
from webmacs.config import Config
from webmacs.files import write_private
from webmacs.keys.folder import OTHERS_WRITE, SIGNS, ensure_key
from webmacs.setup import CONTROLLER
from webmacs.supervisor.first_time import CONTROLLER_TOKEN

CONFIG = "files/config.toml"
BESIDE = ("postgrest.conf", CONTROLLER, CONTROLLER_TOKEN)
KEYS = "files/keys/"
SECRETS = "files/secrets/"
ROOT = "files/ota/root.json"

Say = Callable[[str], None]


def gather(config: Config) -> Iterator[tuple[str, bytes]]:
    """Their names in the backup, and what they are."""
    yield from _if_there(CONFIG, config.file)
    for name in BESIDE:
        yield from _if_there(f"files/{name}", config.folder / name)
    for path in sorted(config.auth.keys_dir.glob("*.pem")):
        yield from _if_there(f"{KEYS}{path.name}", path)
    yield from _if_there(f"{KEYS}{SIGNS}", config.auth.keys_dir / SIGNS)
    if config.ota.root:
        yield from _if_there(ROOT, config.folder / config.ota.root)
    for provider in config.sso:
        if provider.client_secret:
            yield f"{SECRETS}sso.{provider.name}.client_secret", provider.client_secret.encode()
    for service in config.services:
        yield f"{SECRETS}services.{service.name}.key", service.key.encode()


def put_settings(backup: Reader, file: Path, say: Say) -> None:
    """Settings and secrets, where there is no config.toml yet: they have to be there before it is read.

    One that is there stays, for it knows this machine: paths, ports, passwords.
    """
    content = backup.read(CONFIG)
    if file.exists() or content is None:
        say(f"The settings of this machine stay as they are ({file}).")
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    for part in backup.manifest.parts:
        if part.name.startswith(SECRETS):
            _put(_secret_file(content.decode(), part.name.removeprefix(SECRETS), file.parent), backup, part.name, say)
    for name in BESIDE:
        if backup.manifest.part(f"files/{name}"):
            _put(file.parent / name, backup, f"files/{name}", say)
    _put(file, backup, CONFIG, say)


def put_keys(backup: Reader, config: Config, say: Say) -> None:
    """The keys by which tokens that are in the database were signed; others that are here are put aside."""
    folder = config.auth.keys_dir
    names = [part.name for part in backup.manifest.parts if part.name.startswith(KEYS)]
    here = {path.name: path.read_bytes() for path in [*folder.glob("*.pem"), *folder.glob(SIGNS)]}
    if names and here != {name.removeprefix(KEYS): backup.read(name) for name in names}:
        owner, there = _owner(folder), folder.exists()
        if here:
            _aside(folder, say)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if there:
            folder.chmod(stat.S_IMODE(owner.st_mode) & ~OTHERS_WRITE)  # PostgREST reads the public set there
        for name in names:
            _put(folder / name.removeprefix(KEYS), backup, name, say)
        _give([folder, *folder.iterdir()], owner)
        ensure_key(config)
    if config.ota.root and not (config.folder / config.ota.root).exists() and backup.manifest.part(ROOT):
        _put(config.folder / config.ota.root, backup, ROOT, say)


def _if_there(name: str, path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_file():
        yield name, path.read_bytes()


def _secret_file(text: str, name: str, folder: Path) -> Path:
    """Where config.toml says that this secret lies, else in a folder of its own."""
    section, entry, key = name.split(".")
    for table in tomllib.loads(text).get(section, []):
        if table.get("name") == entry and table.get(f"{key}_file"):
            return folder / Path(table[f"{key}_file"]).expanduser()
    return folder / "secrets" / name


def _put(path: Path, backup: Reader, name: str, say: Say) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, (backup.read(name) or b"").decode())
    say(f"wrote {path}")


def _owner(folder: Path) -> os.stat_result:
    """Whose it is, or that in which it will be, and for whom to see."""
    return next(path.stat() for path in (folder, *folder.parents) if path.exists())


def _aside(folder: Path, say: Say) -> None:
    aside = folder.with_name(f"{folder.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    folder.rename(aside)
    say(f"The keys that were in {folder} are in {aside} now.")


def _give(paths: list[Path], owner: os.stat_result) -> None:
    if os.geteuid() == 0:
        for path in paths:
            os.chown(path, owner.st_uid, owner.st_gid)
