"""Plugin packages: wheels as an author builds them, and signatures as minisign writes them."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.postgres import Connection

PIECE = 1 << 20
PLUGIN = """
from webmacs_controller.sdk import Channel, Plugin, PluginMeta, Sample
from dataclasses import dataclass


@dataclass(frozen=True)
class LampConfig:
    pass


class Lamp(Plugin[LampConfig]):
    meta = PluginMeta("{plugin}", "Lamp", "{version}", "A lamp.")
    config_type = LampConfig

    def channels(self):
        return [Channel("light", "Light", "lx", 0, 100)]

    async def read(self):
        return [Sample("light", {value})]
"""


def contents(name: str = "lab-lamp", version: str = "1.0", **more: str) -> dict[str, bytes]:
    """The files of a wheel but for RECORD. `more`: `plugin` its id, `module`, `code`, `value` that it reads, what it
    `requires`, `tags`, and lines for `metadata`."""
    module = more.get("module", name.replace("-", "_"))
    plugin = more.get("plugin", module)
    code = more.get("code", PLUGIN.format(plugin=plugin, version=version, value=more.get("value", "7")))
    metadata = f"Metadata-Version: 2.3\nName: {name}\nVersion: {version}\nSummary: A lamp for tests.\n"
    metadata += "".join(f"Requires-Dist: {one}\n" for one in more.get("requires", "webmacs-controller").split(","))
    tags = "".join(f"Tag: {tag}\n" for tag in more.get("tags", "py3-none-any").split(","))
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    return {
        f"{module}/__init__.py": code.encode(),
        f"{info}/METADATA": f"{metadata}{more.get('metadata', '')}\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n{tags}".encode(),
        f"{info}/entry_points.txt": f"[webmacs.plugins]\n{plugin} = {module}:Lamp\n".encode(),
    }


def record_of(files: Mapping[str, bytes]) -> bytes:
    """RECORD, as it must be."""
    lines = [f"{name},sha256={_encoded(hashlib.sha256(data).digest())},{len(data)}\n" for name, data in files.items()]
    return "".join([*lines, f"{_info(files)}/RECORD,,\n"]).encode()


def packed(files: Mapping[str, bytes], record: bytes | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A wheel of these files, and RECORD."""
    packed_to = io.BytesIO()
    with zipfile.ZipFile(packed_to, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr(f"{_info(files)}/RECORD", record_of(files) if record is None else record)
    return packed_to.getvalue()


def wheel(name: str = "lab-lamp", version: str = "1.0", **more: str) -> bytes:
    """A whole one, as `contents`."""
    return packed(contents(name, version, **more))


def file_name(name: str = "lab-lamp", version: str = "1.0", tag: str = "py3-none-any") -> str:
    """What a builder calls it."""
    return f"{name.replace('-', '_')}-{version}-{tag}.whl"


class Signer:
    """Who has a key pair of minisign. `line` is the second one of minisign.pub."""

    def __init__(self, key_id: bytes = b"12345678") -> None:
        self._private = Ed25519PrivateKey.generate()
        self._id = key_id
        self.key_id = key_id[::-1].hex().upper()
        self.line = _base64(b"Ed" + key_id + self._private.public_key().public_bytes_raw())

    def sign(self, content: bytes, comment: str = "tested") -> str:
        """The .minisig file."""
        signature = self._private.sign(hashlib.blake2b(content).digest())
        of_comment = self._private.sign(signature + comment.encode())
        first = _base64(b"ED" + self._id + signature)
        return f"untrusted comment: x\n{first}\ntrusted comment: {comment}\n{_base64(of_comment)}\n"


def header(signature: str) -> str:
    """As an upload sends it."""
    return _base64(signature.encode())


def store_package(connection: Connection, name: str, version: str = "1.0", content: bytes = b"") -> int:
    """A row of its own, as after an upload; its number. Without content it is a row that no test looks into."""
    content = content or f"{name} {version}".encode()
    row = connection.execute(
        """
        insert into private.plugin_packages (name, version, file_name, size, sha256, summary, requires_python, requires,
                                             plugins)
        values (%s, %s, %s, %s, %s, 'A test.', '', '[]', '["p"]') returning id
        """,
        (name, version, file_name(name, version), len(content), hashlib.sha256(content).hexdigest()),
    ).fetchone()
    assert row is not None
    for number, begin in enumerate(range(0, len(content), PIECE)):
        statement = "insert into private.plugin_package_pieces values (%s, %s, %b)"
        connection.execute(statement, (row[0], number, content[begin : begin + PIECE]))
    return int(row[0])


def _info(files: Mapping[str, bytes]) -> str:
    return next(name.split("/")[0] for name in files if name.endswith(".dist-info/METADATA"))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
