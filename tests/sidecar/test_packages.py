"""Plugin packages through the door: what is taken, what is refused and why, and who gets the bytes."""

import hashlib
import io
import os
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sidecar.conftest import Door, bearer
from tests.support.balance import build_balance
from tests.support.packages import Signer, contents, file_name, header, packed, record_of, store_package, wheel
from tests.support.people import Caller, People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

SHAPE = {"code", "message", "details", "hint"}
SIGNER, STRANGER = Signer(), Signer(b"abcdefgh")
INFO = "lab_lamp-1.0.dist-info"


def running(config: Config, **plugins: Any) -> Iterator[Door]:
    """A sidecar that takes 1 MB."""
    server = replace(config.server, port=free_port())
    changed = replace(config, server=server, plugins=replace(config.plugins, max_megabytes=1, **plugins))
    with running_sidecar(changed) as url:
        door = Door(url)
        yield door
        door.client.close()


@pytest.fixture(scope="module")
def door(config: Config) -> Iterator[Door]:
    """It trusts SIGNER."""
    yield from running(config, trusted_keys=[SIGNER.line])


@pytest.fixture(scope="module")
def lax_door(config: Config) -> Iterator[Door]:
    """It trusts SIGNER, and takes what nobody has signed."""
    yield from running(config, trusted_keys=[SIGNER.line], allow_unsigned=True)


@pytest.fixture
def admin(people: People) -> str:
    return people.the("admin").token


def upload(
    door: Door, token: str | None, content: Any, name: str = file_name(), signature: str | None = None
) -> httpx.Response:
    headers = bearer(token) | {"File-Name": name} | ({"File-Signature": header(signature)} if signature else {})
    return door.client.post("/plugins/packages", content=content, headers=headers)


def stored(sql: Sql) -> list[tuple[Any, ...]]:
    return sql.superuser.execute("""
        select p.name, p.version, count(s), sum(octet_length(s.bytes)) from private.plugin_packages p
        left join private.plugin_package_pieces s on s.package_id = p.id group by p.id order by p.id
    """).fetchall()


def test_a_signed_wheel_is_stored_and_listed(door: Door, admin: str, sql: Sql, people: People) -> None:
    content = wheel("lab-light", "1.2", requires="webmacs-controller>=0.1,pyserial; sys_platform == 'win32'")
    answer = upload(door, admin, content, file_name("lab-light", "1.2"), SIGNER.sign(content))
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert row | {"id": 0, "created_at": ""} == {
        "id": 0,
        "name": "lab-light",
        "version": "1.2",
        "file_name": "lab_light-1.2-py3-none-any.whl",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "summary": "A lamp for tests.",
        "requires_python": "",
        "requires": ["webmacs-controller>=0.1", 'pyserial; sys_platform == "win32"'],
        "plugins": ["lab_light"],
        "signed_by": SIGNER.key_id,
        "author": people.the("admin").name,
        "user_id": people.the("admin").id,
        "created_at": "",
    }
    listed = sql.as_role("admin").execute("select to_json(p) from api.plugin_packages p where id = %s", (row["id"],))
    assert listed.fetchone() == (row,)
    again = upload(door, admin, content, file_name("lab-light", "1.2"), SIGNER.sign(content, "another time"))
    assert (again.status_code, again.json()["id"]) == (200, row["id"])
    other = wheel("lab-light", "1.2", value="8")
    answer = upload(door, admin, other, file_name("lab-light", "1.2"), SIGNER.sign(other))
    assert (answer.status_code, answer.json()["code"]) == (409, "PT409")
    assert answer.json()["message"] == "lab-light 1.2 is stored with other bytes."
    assert [row for row in stored(sql) if row[0] == "lab-light"] == [("lab-light", "1.2", 1, len(content))]


def test_a_real_wheel(door: Door, admin: str, tmp_path: Path) -> None:
    built = build_balance(tmp_path)
    content = built.read_bytes()
    answer = upload(door, admin, content, built.name, SIGNER.sign(content))
    assert (answer.status_code, answer.json()["plugins"]) == (201, ["sics_balance"]), answer.text


def with_files(**files: bytes | None) -> dict[str, bytes]:
    """The lamp's, with these instead; None: without it."""
    all_files: dict[str, bytes | None] = {**contents(), **files}
    return {name: data for name, data in all_files.items() if data is not None}


def in_info(name: str, data: bytes | None) -> dict[str, bytes]:
    return with_files(**{f"{INFO}/{name}": data})


def wheel_of(name: str, version: str) -> bytes:
    """Which METADATA says that it is."""
    return packed(in_info("METADATA", f"Metadata-Version: 2.3\nName: {name}\nVersion: {version}\n".encode()))


def entering(line: str, section: str = "[webmacs.plugins]") -> bytes:
    """With this in entry_points.txt."""
    return packed(in_info("entry_points.txt", f"{section}\n{line}\n".encode()))


def linked() -> bytes:
    """With a link to a file of the machine."""
    files = contents()
    packed_to = io.BytesIO(packed(files, record_of({**files, "lab_lamp/key": b"/etc/passwd"})))
    with zipfile.ZipFile(packed_to, "a") as archive:
        link = zipfile.ZipInfo("lab_lamp/key")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return packed_to.getvalue()


def twice() -> bytes:
    packed_to = io.BytesIO(wheel())
    with zipfile.ZipFile(packed_to, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("lab_lamp/__init__.py", "import os")
    return packed_to.getvalue()


def patched(content: bytes, offset: int, value: bytes) -> bytes:
    """Something else in each entry of the directory, and as far before in each header of a file."""
    result, at = bytearray(content), 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        result[at + offset : at + offset + len(value)] = value
        at += 4
    return bytes(result)


def deep_directory() -> bytes:
    """It says that its directory is larger than it is."""
    content = wheel()
    return content[:-10] + struct.pack("<L", 2**31) + content[-6:]


def zip64() -> bytes:
    """With a second end, which Python would believe more."""
    content = wheel()
    return content[:-22] + b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1) + content[-22:]


MANY = {f"lab_lamp/{number}.py": b"" for number in range(5001)}
WRONG: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": ("not_a_wheel", lambda: b""),
    "text": ("not_a_wheel", lambda: b"PK, but no zip file" * 9),
    "truncated": ("not_a_wheel", lambda: wheel()[:-1]),
    "half": ("not_a_wheel", lambda: wheel()[: len(wheel()) // 2]),
    "only its end": ("not_a_wheel", lambda: wheel()[-22:]),
    "something before": ("not_a_wheel", lambda: b"#!/bin/sh\n" + wheel()),
    "something behind": ("not_a_wheel", lambda: wheel() + b"x"),
    "a comment": ("not_a_wheel", lambda: wheel()[:-2] + b"\1\0x"),
    "a directory that is too long": ("not_a_wheel", deep_directory),
    "zip64": ("not_a_wheel", zip64),
    "encrypted": ("not_a_wheel", lambda: patched(wheel(), 8, b"\1\0")),
    "packed in an unusual way": ("not_a_wheel", lambda: patched(wheel(), 10, b"\x0e\0")),
    "larger than it says": ("not_a_wheel", lambda: patched(wheel(), 24, b"\1\0\0\0")),
    "another check sum": ("not_a_wheel", lambda: patched(wheel(), 16, b"\1\2\3\4")),
    "climbs": ("unsafe_name", lambda: packed(with_files(**{"../evil.py": b""}))),
    "climbs inside": ("unsafe_name", lambda: packed(with_files(**{"lab_lamp/../../evil.py": b""}))),
    "absolute": ("unsafe_name", lambda: packed(with_files(**{"/etc/cron.d/evil": b""}))),
    "of Windows": ("unsafe_name", lambda: packed(with_files(**{"lab_lamp\\..\\evil.py": b""}))),
    "a drive": ("unsafe_name", lambda: packed(with_files(**{"C:/evil.py": b""}))),
    "a dot": ("unsafe_name", lambda: packed(with_files(**{"./evil.py": b""}))),
    "not printable": ("unsafe_name", lambda: packed(with_files(**{"lab_lamp/\u202ecod.py": b""}))),
    "a link": ("unsafe_name", linked),
    "a name twice": ("unsafe_name", twice),
    "a bomb": ("too_large_unpacked", lambda: packed(with_files(**{"lab_lamp/zeros": bytes(11_000_000)}))),
    "a small bomb": ("too_large_unpacked", lambda: packed(with_files(**{"lab_lamp/zeros": bytes(2_000_000)}))),
    "many files": ("too_large_unpacked", lambda: packed(with_files(**MANY))),
    "no METADATA": ("wrong_content", lambda: patched_name(b"METADATA", b"METADATE")),
    "METADATA of another": (
        "wrong_name",
        lambda: wheel_of("lab-lump", "1.0"),
    ),
    "METADATA of another version": ("wrong_name", lambda: wheel_of("lab-lamp", "1.1")),
    "METADATA without a version": ("wrong_metadata", lambda: packed(in_info("METADATA", b"Name: lab-lamp\n"))),
    "METADATA that is no text": ("wrong_content", lambda: packed(in_info("METADATA", b"\xff\xfe"))),
    "METADATA without end": ("wrong_content", lambda: packed(in_info("METADATA", os.urandom(10_000) * 250))),
    "a requirement that is none": ("wrong_metadata", lambda: wheel(requires="!!")),
    "no WHEEL": ("wrong_content", lambda: packed(in_info("WHEEL", None))),
    "WHEEL of the future": (
        "wrong_metadata",
        lambda: packed(in_info("WHEEL", b"Wheel-Version: 2.0\n")),
    ),
    "other tags": ("wrong_name", lambda: wheel(tags="cp311-cp311-linux_x86_64")),
    "no tags": ("wrong_name", lambda: packed(in_info("WHEEL", b"Wheel-Version: 1.0\n"))),
    "no folder": ("wrong_content", lambda: zipped({"lab_lamp/__init__.py": b""})),
    "two folders": ("wrong_content", lambda: packed(with_files(**{"x-1.dist-info/entry_points.txt": b""}))),
    "a folder of another": ("wrong_name", lambda: wheel("lab-lump")),
    "a folder of another version": ("wrong_name", lambda: wheel("lab-lamp", "1.1")),
    "data": ("wrong_content", lambda: packed(with_files(**{"lab_lamp-1.0.data/scripts/evil": b""}))),
    "an egg": ("wrong_content", lambda: packed(with_files(**{"x.egg-info/entry_points.txt": b""}))),
    "no RECORD": ("wrong_content", lambda: zipped(contents())),
    "RECORD of other files": ("wrong_record", lambda: packed(contents(), record_of(contents(value="9")))),
    "RECORD with less": ("wrong_record", lambda: packed(with_files(**{"lab_lamp/x.py": b""}), record_of(contents()))),
    "RECORD with more": ("wrong_record", lambda: packed(contents(), record_of(with_files(**{"x.py": b""})))),
    "RECORD without hashes": ("wrong_record", lambda: packed(contents(), without_hashes())),
    "RECORD with weak hashes": (
        "wrong_record",
        lambda: packed(contents(), record_of(contents()).replace(b"sha256", b"md5")),
    ),
    "RECORD with strange hashes": (
        "wrong_record",
        lambda: packed(contents(), record_of(contents()).replace(b"sha256=", b"sha256=\xc3\xa4")),
    ),
    "RECORD that is no table": ("wrong_record", lambda: packed(contents(), b"a,b\n")),
    "no plugin": ("no_plugin", lambda: packed(in_info("entry_points.txt", None))),
    "no plugin of ours": ("no_plugin", lambda: entering("", "[console_scripts]\na = b:c")),
    "a plugin that is not there": (
        "no_plugin",
        lambda: entering("a = b:c"),
    ),
    "a plugin without a class": (
        "no_plugin",
        lambda: entering("a = lab_lamp"),
    ),
    "entry points that are none": (
        "no_plugin",
        lambda: entering("what?"),
    ),
    "a strange name": ("no_plugin", lambda: wheel(plugin="a b")),
    "a plugin of ours": ("wrong_name", lambda: wheel(plugin="modbus")),
}


def patched_name(old: bytes, new: bytes) -> bytes:
    return wheel().replace(old, new)


def zipped(files: dict[str, bytes]) -> bytes:
    """Without RECORD."""
    packed_to = io.BytesIO()
    with zipfile.ZipFile(packed_to, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed_to.getvalue()


def without_hashes() -> bytes:
    return "".join(f"{name},,\n" for name in [*contents(), f"{INFO}/RECORD"]).encode()


@pytest.mark.parametrize(("code", "make"), WRONG.values(), ids=WRONG.keys())
def test_a_wheel_that_is_wrong(code: str, make: Callable[[], bytes], door: Door, admin: str, sql: Sql) -> None:
    before, content = stored(sql), make()
    answer = upload(door, admin, content, signature=SIGNER.sign(content))
    said = answer.json()
    assert (answer.status_code, said["code"]) == (400, code), said
    assert said.keys() == SHAPE
    assert stored(sql) == before


NAMES = (
    "lab_lamp.whl",
    "lab_lamp-1.0.tar.gz",
    "../lab_lamp-1.0-py3-none-any.whl",
    "lab_lamp-one-py3-none-any.whl",
    "lab_lamp-1.0-py3-none.whl",
    "lab_lamp-1.0-py3-none-any any.whl",
    "lab_lump-1.0-py3-none-any.whl",
    "lab_lamp-1.0-py2.py3-none-any.whl",
    "webmacs_controller-1.0-py3-none-any.whl",
    f"{'x' * 300}-1.0-py3-none-any.whl",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_wrong(name: str, door: Door, admin: str) -> None:
    answer = upload(door, admin, wheel(), name, SIGNER.sign(wheel()))
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_name"), answer.text


def legacy(content: bytes) -> str:
    """As minisign -l signs."""
    return SIGNER.sign(content).replace("RUQ", "RWQ", 1)


SIGNATURES: dict[str, tuple[str, Callable[[bytes], str | None]]] = {
    "none": ("not_signed", lambda _: None),
    "of a stranger": ("wrong_signature", STRANGER.sign),
    "of a stranger with the key's name": ("wrong_signature", Signer().sign),
    "of other bytes": ("wrong_signature", lambda content: SIGNER.sign(content + b"x")),
    "with another comment": ("wrong_signature", lambda content: SIGNER.sign(content).replace("tested", "proven")),
    "of the old form": ("wrong_signature", legacy),
    "of one line": ("wrong_signature", lambda _: "x"),
    "of no base64": ("wrong_signature", lambda _: "a\n!\ntrusted comment: c\n!\n"),
    "too long": ("wrong_signature", lambda content: SIGNER.sign(content, "x" * 5000)),
}


@pytest.mark.parametrize(("code", "sign"), SIGNATURES.values(), ids=SIGNATURES.keys())
def test_a_signature_that_is_wrong(
    code: str, sign: Callable[[bytes], str | None], door: Door, lax_door: Door, admin: str, sql: Sql
) -> None:
    before, content = stored(sql), wheel("lab-torch")
    answer = upload(door, admin, content, file_name("lab-torch"), sign(content))
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    if code == "wrong_signature":  # what is signed has to be signed rightly, although it need not be signed
        answer = upload(lax_door, admin, content, file_name("lab-torch"), sign(content))
        assert answer.json()["code"] == code
    assert stored(sql) == before


def test_a_header_that_is_no_signature(door: Door, admin: str) -> None:
    headers = bearer(admin) | {"File-Name": file_name(), "File-Signature": "untrusted comment: x"}
    answer = door.client.post("/plugins/packages", content=wheel(), headers=headers)
    assert answer.json()["message"] == "The header File-Signature must be the .minisig file in base64."


def test_unsigned_if_the_configuration_allows_it(lax_door: Door, admin: str) -> None:
    content = wheel("lab-bare")
    assert upload(lax_door, admin, content, file_name("lab-bare")).json()["signed_by"] is None
    signed = upload(lax_door, admin, content, file_name("lab-bare"), SIGNER.sign(content))
    assert (signed.status_code, signed.json()["signed_by"]) == (200, SIGNER.key_id)


@pytest.mark.parametrize("announced", [True, False])
def test_too_large(announced: bool, door: Door, admin: str) -> None:
    content = bytes(1_000_001)
    answer = upload(door, admin, content if announced else iter([content]))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.json()["hint"] == "[plugins] max_megabytes is 1."


@pytest.mark.parametrize("role", ["viewer", "operator", "controller"])
def test_who_may_not_upload(role: str, door: Door, people: People) -> None:
    answer = upload(door, people.the(role).token, wheel(), signature=SIGNER.sign(wheel()))
    assert answer.status_code == 403
    assert answer.json().keys() == SHAPE


def test_tokens_that_may_not_upload(door: Door, people: People) -> None:
    reader = people.api_token(people.the("admin").name, "admin", read_only=True)
    codes = [upload(door, token, wheel()).status_code for token in (reader.token, None, "x")]
    assert codes == [403, 401, 401]


@pytest.fixture(scope="module")
def large(sql: Sql, people: People) -> tuple[Caller, bytes, str]:
    """A controller, and a package of several pieces that it is to have."""
    content, controller = os.urandom(2_500_000), people.controller()
    package = store_package(sql.superuser, "large", content=content)
    assign = "insert into private.plugin_package_assignments (controller_id, package_id) values (%s, %s)"
    sql.superuser.execute(assign, (controller.id, package))
    return controller, content, f"/plugins/packages/{hashlib.sha256(content).hexdigest()}"


def test_the_bytes_for_whom_they_are(large: tuple[Caller, bytes, str], door: Door, people: People) -> None:
    controller, content, path = large
    assert door.get(path, controller.token).content == content
    answers = {role: door.get(path, people.the(role).token) for role in ("controller", "viewer", "operator", "admin")}
    assert {role: answer.status_code for role, answer in answers.items()} == {
        "controller": 404,
        "viewer": 403,
        "operator": 403,
        "admin": 403,
    }
    assert all(answer.json().keys() == SHAPE for answer in answers.values())
    assert door.get(path).status_code == 401
    assert door.get("/plugins/packages/x", controller.token).status_code == 422


@pytest.mark.parametrize("begin", [0, 1, 1_048_575, 1_048_576, 2_000_000, 2_499_999])
def test_the_rest_of_the_bytes(begin: int, large: tuple[Caller, bytes, str], door: Door) -> None:
    controller, content, path = large
    answer = door.client.get(path, headers=bearer(controller.token) | {"Range": f"bytes={begin}-"})
    assert (answer.status_code, answer.content == content[begin:]) == (206, True)
    assert answer.headers["Content-Range"] == f"bytes {begin}-2499999/2500000"


def test_ranges_of_other_kinds(large: tuple[Caller, bytes, str], door: Door) -> None:
    controller, content, path = large
    for wanted in ("bytes=-5", "bytes=1-2", "bytes=0-1,5-", "lines=1-", "bytes=x-"):
        answer = door.client.get(path, headers=bearer(controller.token) | {"Range": wanted})
        assert (answer.status_code, answer.content == content) == (200, True), wanted
    answer = door.client.get(path, headers=bearer(controller.token) | {"Range": "bytes=2500000-"})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */2500000")
