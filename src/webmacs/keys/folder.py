"""The folder `[auth] keys_dir`: private keys as PEM files, which of them signs, the public set for PostgREST.

It belongs to one account, and nobody else may read the keys. Every change is made under a lock, file by file in an
order that holds whenever it is broken off: a key is published before it is appointed to sign.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from webmacs.config import Config
from webmacs.files import give
from webmacs.keys.key import Key, KeySet, new_key
from webmacs.problem import Problem

JWKS = "jwks.json"
SIGNS = "signs"  # names the key that signs; not the newest file, for times are lost in copies and wrong by bad clocks
LOCK = ".lock"
OTHERS = 0o077
OTHERS_WRITE = 0o022

log = logging.getLogger(__name__)


def ensure_key(config: Config) -> KeySet:
    """The keys; makes the first one, and writes what is missing or differs.

    What other accounts may read is closed to them, with a warning. Raises Problem if the folder cannot be used.
    """
    with _explained(config.auth.keys_dir) as folder:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _close_to_others(folder)
        keys = load_keys(config)
        if keys is None or not _is_complete(folder, keys):
            with _lock(folder):
                keys = load_keys(config) or KeySet((_add(folder),))
                _write_set(folder, keys)
    return keys


def load_keys(config: Config) -> KeySet | None:
    """The keys that are there, the one that signs last; None if there is none. Writes nothing."""
    folder = config.auth.keys_dir
    files = sorted(folder.glob("*.pem"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    signs = _signs(folder)
    keys = sorted(map(_read, files), key=lambda key: key.kid == signs)
    return KeySet(tuple(keys)) if keys else None


def fingerprint(config: Config) -> object:
    """Differs when keys came, went, or another one signs."""
    folder = config.auth.keys_dir
    return sorted((file.name, file.stat().st_mtime_ns) for file in folder.glob("*.pem")), _signs(folder)


def publish_new(config: Config) -> Key:
    """A new key, whose tokens verify from now on; it does not sign yet."""
    with _explained(config.auth.keys_dir) as folder, _lock(folder):
        keys = load_keys(config)
        key = _add(folder)
        _write_set(folder, KeySet((key, *keys.keys) if keys else (key,)))
    return key


def appoint(config: Config, kid: str) -> None:
    """This key, which is published, signs from now on."""
    with _explained(config.auth.keys_dir) as folder, _lock(folder):
        _write(folder / SIGNS, kid.encode(), 0o644)


def remove(config: Config, kids: Iterable[str]) -> KeySet:
    """Tokens of these keys do not verify any more. If none is left there is a new one. The keys that are left."""
    unwanted = set(kids)
    with _explained(config.auth.keys_dir) as folder, _lock(folder):
        files = {file: _read(file) for file in folder.glob("*.pem")}
        for file in [file for file, key in files.items() if key.kid in unwanted]:
            file.unlink()
        keys = load_keys(config) or KeySet((_add(folder),))
        _write_set(folder, keys)
    return keys


def exposed(config: Config) -> list[Path]:
    """What other accounts may read, or change, and must not."""
    folder = config.auth.keys_dir
    files = [file for file in folder.glob("*.pem") if file.stat().st_mode & OTHERS]
    return files + ([folder] if folder.stat().st_mode & OTHERS_WRITE else [])


def _close_to_others(folder: Path) -> None:
    for path in [*folder.glob("*.pem"), folder]:
        mode = path.stat().st_mode
        unwanted = OTHERS_WRITE if path == folder else OTHERS
        if mode & unwanted:
            path.chmod(mode & 0o777 & ~unwanted)
            log.warning(
                "%s was open to other accounts of this machine, and is not any more. If one of them may have read a"
                " key: `webmacs keys retire`",
                path,
            )


def _is_complete(folder: Path, keys: KeySet) -> bool:
    return _signs(folder) == keys.current.kid and _published(folder) == _jwks(keys)


def _write_set(folder: Path, keys: KeySet) -> None:
    """What PostgREST reads, then who signs."""
    if _published(folder) != _jwks(keys):
        _write(folder / JWKS, _jwks(keys), 0o644)
    if _signs(folder) != keys.current.kid:
        _write(folder / SIGNS, keys.current.kid.encode(), 0o644)


def _jwks(keys: KeySet) -> bytes:
    return json.dumps(keys.jwks(), indent=2).encode()


def _published(folder: Path) -> bytes | None:
    file = folder / JWKS
    return file.read_bytes() if file.exists() else None


def _signs(folder: Path) -> str | None:
    file = folder / SIGNS
    return file.read_text(encoding="ascii", errors="replace").strip() if file.exists() else None


def _add(folder: Path) -> Key:
    key = new_key()
    _write(folder / f"{key.kid}.pem", key.pem(), 0o600)
    return key


def _read(file: Path) -> Key:
    key = _key_of(file.read_bytes())
    if key is None:
        raise Problem(f"{file} is not an RSA private key in PEM form; put it right or move it away.")
    return key


@lru_cache(maxsize=16)
def _key_of(content: bytes) -> Key | None:
    """Remembered, because its numbers are checked: that takes 50 ms, in which the sidecar does nothing else."""
    try:
        private = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError):
        return None
    return Key.of(private) if isinstance(private, rsa.RSAPrivateKey) else None


def _write(file: Path, content: bytes, mode: int) -> None:
    """Writes beside the file and renames, so that a reader finds the old or the new one, never half of it.

    The file belongs to whom the folder belongs to: root may rotate the keys of a service.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as target:
        give(descriptor, file.parent)
        target.write(content)
        target.flush()
        os.fsync(descriptor)
    draft.replace(file)


@contextmanager
def _explained(folder: Path) -> Iterator[Path]:
    try:
        yield folder
    except OSError as error:
        place = error.filename or folder
        raise Problem(f"The keys in {folder} cannot be read or written ({place}): {error.strerror}.") from error


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One writer at a time."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        give(descriptor, folder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
