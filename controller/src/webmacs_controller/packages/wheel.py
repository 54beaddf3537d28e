"""Wheels with plugins: is it one, what does it say of itself, and is it true? Nothing of it is run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from packaging.metadata import InvalidMetadata, Metadata
from packaging.tags import InvalidTag, Tag, parse_tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from webmacs_controller.packages import File
from webmacs_controller.packages.archive import files, open_archive, pieces
from webmacs_controller.packages.errors import WheelError
from webmacs_controller.packages.record import check_record
from webmacs_controller.sdk.discovery import GROUP

MEGABYTE = 1_000_000
MOST_UNPACKED = 10
"""What a wheel unpacks to may be so many times as large as the largest wheel."""

LONGEST_TEXT = 2_000_000
LONGEST_SUMMARY = 500
OURS = ("webmacs", "webmacs-controller")
PLUGIN_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True)
class Wheel:
    """What is in it. `name` is normalized, `plugins` are their identifiers, `requires` what else it needs."""

    file_name: str
    name: str
    version: str
    tags: frozenset[Tag]
    summary: str
    requires_python: str
    requires: tuple[str, ...]
    plugins: tuple[str, ...]


def inspect(file: File, file_name: str, megabytes: int) -> Wheel:
    """A wheel of at most so many megabytes, whose name says what is in it. Raises WheelError."""
    name, version, tags = _read_name(file_name)
    with open_archive(file, MOST_UNPACKED * megabytes * MEGABYTE) as archive:
        folder = _folder(archive, name, version)
        texts = {entry: _text(archive, f"{folder}/{entry}") for entry in ("METADATA", "WHEEL", "RECORD")}
        metadata = _metadata(texts["METADATA"])
        _check_said(metadata, texts["WHEEL"], name, version, tags)
        check_record(archive, folder, texts["RECORD"])
        plugins = _plugins(archive, folder)
        return _made(file_name, tags, metadata, plugins)


def shipped() -> frozenset[str]:
    """The plugins that every controller has."""
    entries = distribution("webmacs-controller").entry_points
    return frozenset(entry.name for entry in entries if entry.group == GROUP)


def _read_name(file_name: str) -> tuple[str, Version, frozenset[Tag]]:
    try:
        if not re.fullmatch(r"[A-Za-z0-9_.!+-]{1,200}\.whl", file_name):
            raise InvalidWheelFilename
        name, version, _, tags = parse_wheel_filename(file_name)
    except (InvalidWheelFilename, InvalidTag, InvalidVersion):
        raise WheelError(
            "wrong_name", "The file must be called NAME-VERSION-PYTHON-ABI-PLATFORM.whl, such as a builder calls it."
        ) from None
    if name in OURS:
        raise WheelError("wrong_name", f"{name} is part of WebMACS, and no plugin.")
    return name, version, tags


def _folder(archive: ZipFile, name: str, version: Version) -> str:
    """The one that describes the wheel. Another one would bring in plugins that nobody has seen."""
    tops = {entry.filename.split("/")[0] for entry in archive.infolist()}
    for top in sorted(tops):
        if top.lower().endswith((".data", ".egg-info", ".egg-link")):
            raise WheelError("wrong_content", f"A plugin's wheel must not have {top}: all is to be in its packages.")
    found = sorted(top for top in tops if top.lower().endswith(".dist-info"))
    if len(found) != 1:
        raise WheelError("wrong_content", f"It must have one folder ….dist-info, and has {len(found)}.")
    said_name, _, said_version = found[0].removesuffix(".dist-info").partition("-")
    if canonicalize_name(said_name) != name or not _same_version(said_version, version):
        raise WheelError("wrong_name", f"The file is called {name}-{version}, but has {found[0]} in it.")
    return found[0]


def _text(archive: ZipFile, name: str) -> str:
    entry = next((entry for entry in files(archive) if entry.filename == name), None)
    if entry is None:
        raise WheelError("wrong_content", f"{name} is missing.")
    if entry.file_size > LONGEST_TEXT:
        raise WheelError("wrong_content", f"{name} has more than {LONGEST_TEXT} bytes.")
    try:
        return b"".join(pieces(archive, entry)).decode()
    except UnicodeDecodeError:
        raise WheelError("wrong_content", f"{name} is not UTF-8.") from None


def _metadata(text: str) -> Metadata:
    metadata = Metadata.from_email(text, validate=False)
    try:
        _ = metadata.name, metadata.version, metadata.summary, metadata.requires_python, metadata.requires_dist
    except InvalidMetadata as error:
        raise WheelError("wrong_metadata", f"METADATA: {error}.") from None
    return metadata


def _check_said(metadata: Metadata, wheel: str, name: str, version: Version, tags: Iterable[Tag]) -> None:
    if canonicalize_name(metadata.name) != name or metadata.version != version:
        said = f"{metadata.name}-{metadata.version}"
        raise WheelError("wrong_name", f"The file is called {name}-{version}, but METADATA says {said}.")
    lines = [line.partition(":") for line in wheel.splitlines()]
    said_tags = [value.strip() for key, _, value in lines if key.strip().lower() == "tag"]
    formats = [value.strip() for key, _, value in lines if key.strip().lower() == "wheel-version"]
    if len(formats) != 1 or not formats[0].startswith("1."):
        raise WheelError("wrong_metadata", "WHEEL must say Wheel-Version: 1.x.")
    try:
        same = {tag for said_tag in said_tags for tag in parse_tag(said_tag)} == set(tags)
    except (InvalidTag, ValueError):
        same = False
    if not same:
        raise WheelError("wrong_name", "The file's name must end with the tags of WHEEL.")


def _plugins(archive: ZipFile, folder: str) -> tuple[str, ...]:
    names = {entry.filename for entry in files(archive)}
    text = _text(archive, f"{folder}/entry_points.txt") if f"{folder}/entry_points.txt" in names else ""
    try:
        entries = [entry for entry in _Contents(text).entry_points if entry.group == GROUP]
    except (ValueError, TypeError) as error:
        raise WheelError("no_plugin", f"entry_points.txt cannot be read: {error}.") from None
    if not entries:
        raise WheelError("no_plugin", f"It has no entry point in the group {GROUP}: there is no plugin in it.")
    for entry in entries:
        _check_entry(entry, names)
    return tuple(sorted({entry.name for entry in entries}))


def _check_entry(entry: EntryPoint, names: Iterable[str]) -> None:
    if not PLUGIN_ID.fullmatch(entry.name):
        raise WheelError("no_plugin", f"A plugin cannot be called {entry.name[:100]!r}.")
    if entry.name in shipped():
        raise WheelError("wrong_name", f"The plugin {entry.name} comes with the controller; give yours another name.")
    module = re.fullmatch(r"([\w.]+)\s*:\s*[\w.]+\s*", entry.value)
    path = module[1].replace(".", "/") if module else ""
    is_there = any(
        name in (f"{path}.py", f"{path}/__init__.py") or (name.startswith(f"{path}.") and name.endswith(".so"))
        for name in names
    )
    if not module or not is_there:
        raise WheelError("no_plugin", f"{entry.name} = {entry.value} leads to no module of the wheel.")


def _made(file_name: str, tags: frozenset[Tag], metadata: Metadata, plugins: tuple[str, ...]) -> Wheel:
    return Wheel(
        file_name,
        canonicalize_name(metadata.name),
        str(metadata.version),
        tags,
        " ".join((metadata.summary or "").split())[:LONGEST_SUMMARY],
        str(metadata.requires_python or ""),
        tuple(str(requirement) for requirement in metadata.requires_dist or ()),
        plugins,
    )


def _same_version(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except InvalidVersion:
        return False


class _Contents(Distribution):
    """By which Python reads entry points."""

    def __init__(self, entry_points: str) -> None:
        self._entry_points = entry_points

    def read_text(self, filename: str) -> str | None:
        return self._entry_points if filename == "entry_points.txt" else None

    def locate_file(self, path: Any) -> Path:
        return Path(path)
