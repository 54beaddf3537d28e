"""A bundle, described for people or for scripts."""

from collections.abc import Iterable

import msgspec
from webmacs_controller.updates.bundle import LONGEST_MANIFEST, MANIFEST, Bundle
from webmacs_controller.updates.manifest import Manifest, read_manifest

from webmacs.release.bundles import signed_by


def described(bundle: Bundle, as_json: bool) -> str:
    """Raises BundleError."""
    manifest = read_manifest(bundle.read(f"targets/{MANIFEST}", LONGEST_MANIFEST))
    keys, needed = signed_by(bundle)
    if as_json:
        said = msgspec.to_builtins(manifest) | {"signed_by": keys, "signatures_needed": needed}
        return msgspec.json.format(msgspec.json.encode(said)).decode()
    return "\n".join([*_lines(manifest), f"signed by    {len(keys)} of {needed} that it takes", *_indented(keys), ""])


def _lines(manifest: Manifest) -> list[str]:
    parts = sorted(manifest.parts, key=lambda part: part.name)
    return [
        f"product      {manifest.product}",
        f"version      {manifest.version}, from {manifest.from_version} on",
        f"counter      {manifest.counter}",
        f"machine      {manifest.architecture}, Python {manifest.python}",
        f"created      {manifest.created:%Y-%m-%d %H:%M} UTC",
        f"expires      {manifest.expires:%Y-%m-%d %H:%M} UTC",
        f"parts        {len(parts)}, {manifest.size} bytes",
        *_indented(f"{part.sha256[:16]}  {part.size:>10}  {part.name}" for part in parts),
        *(["changes", *_indented(manifest.changes.splitlines())] if manifest.changes else []),
    ]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
