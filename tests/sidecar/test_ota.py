"""Bundles of updates through the door: what is taken, what is refused and why, how a broken upload goes on, who gets
the bytes."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from webmacs_controller.updates.scratch import PREFIX

from tests.sidecar.conftest import Door, bearer
from tests.support.packages import wheel
from tests.support.people import Caller, People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from tests.support.updates import NOW, Maker, changed
from webmacs.config import Config

SHAPE = {"code", "message", "details", "hint"}


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    return Maker(tmp_path_factory.mktemp("maker"))


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def door(config: Config, maker: Maker, uploads: Path) -> Iterator[Door]:
    """It believes the maker, and takes 2 MB."""
    (maker.folder / "root.json").write_bytes(maker.pinned)
    root = str(maker.folder / "root.json")
    yield from running(replace(config, ota=replace(config.ota, root=root, max_megabytes=2, uploads_dir=uploads)))


def running(config: Config) -> Iterator[Door]:
    with running_sidecar(replace(config, server=replace(config.server, port=free_port()))) as url:
        door = Door(url)
        yield door
        door.client.close()


@pytest.fixture
def admin(people: People) -> str:
    return people.the("admin").token


@pytest.fixture(autouse=True)
def nothing_left(uploads: Path) -> Iterator[None]:
    """What was taken or refused lies nowhere; what broke off each test throws away."""
    yield
    assert list(uploads.iterdir()) == []


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def upload(
    door: Door, token: str | None, content: bytes, sha256: str = "", span: str = "", **more: str
) -> httpx.Response:
    headers = bearer(token) | {"File-Name": "x.update"} | ({"Content-Range": span} if span else {}) | more
    return door.client.post(f"/ota/bundles/{sha256 or digest(content)}", content=content, headers=headers)


_counter = iter(range(1, 1000))


def good(maker: Maker, **more: Any) -> bytes:
    counter = next(_counter)
    maker.wheels = {"lab_lamp-1.0-py3-none-any.whl": wheel(code=f"{counter}")}
    return maker.bundle(counter, **more).read_bytes()


def test_a_good_one_is_stored_and_listed(door: Door, admin: str, maker: Maker, sql: Sql, people: People) -> None:
    content = good(maker, version="2.5", changes="All is better.")
    answer = upload(door, admin, content)
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert (row["product"], row["version"], row["changes"]) == ("webmacs-controller", "2.5", "All is better.")
    assert (row["size"], row["sha256"], row["file_name"]) == (len(content), digest(content), "x.update")
    assert row["signed_by"] == [maker.signers[0].public_key.keyid]
    assert row["author"] == people.the("admin").name
    assert [part["name"] for part in row["parts"]] == ["lab_lamp-1.0-py3-none-any.whl"]
    listed = sql.as_role("admin").execute("select to_json(b) from api.update_bundles b where id = %s", (row["id"],))
    assert listed.fetchone() == (row,)
    again = upload(door, admin, content)
    assert (again.status_code, again.json()["id"]) == (200, row["id"])
    other = good(maker, version="2.5")
    refused = upload(door, admin, other)
    assert (refused.status_code, refused.json()["message"]) == (
        409,
        "version: webmacs-controller 2.5 is stored with other parts.",
    )


BAD: dict[str, tuple[str, Callable[[Maker], bytes]]] = {
    "no bundle": ("damaged", lambda maker: b"x" * 99),
    "cut off": ("damaged", lambda maker: good(maker)[:-7]),
    "not signed": ("wrong_signature", lambda maker: good(maker, signers=[])),
    "expired": (
        "expired",
        lambda maker: good(maker, created=NOW.replace(year=2020), expires=NOW.replace(year=2021)),
    ),
    "tampered with": (
        "tampered",
        lambda maker: changed(maker.bundle(900), {"wheels/lab_lamp-1.0-py3-none-any.whl": b"x"}).read_bytes(),
    ),
    "a name that climbs": (
        "unsafe_name",
        lambda maker: changed(maker.bundle(901), {"../evil": b"x"}).read_bytes(),
    ),
}


@pytest.mark.parametrize(("code", "make"), BAD.values(), ids=BAD.keys())
def test_bad_ones(code: str, make: Callable[[Maker], bytes], door: Door, admin: str, maker: Maker, sql: Sql) -> None:
    before = sql.superuser.execute("select count(*) from private.update_bundles").fetchone()
    answer = upload(door, admin, make(maker))
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert answer.json().keys() == SHAPE
    assert sql.superuser.execute("select count(*) from private.update_bundles").fetchone() == before


def test_another_digest(door: Door, admin: str, maker: Maker) -> None:
    answer = upload(door, admin, good(maker), "0" * 64)
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_digest")


def test_too_large(door: Door, admin: str) -> None:
    answer = upload(door, admin, b"x" * 2_000_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.json()["hint"] == "[ota] max_megabytes is 2."
    announced = upload(door, admin, b"x", "0" * 64, "bytes 0-0/2000001")
    assert (announced.status_code, announced.json()["code"]) == (413, "too_large")


def test_one_that_breaks_off_goes_on(door: Door, admin: str, maker: Maker, uploads: Path) -> None:
    content = good(maker)
    sha256, size = digest(content), len(content)

    def send(begin: int, end: int) -> httpx.Response:
        return upload(door, admin, content[begin:end], sha256, f"bytes {begin}-{end - 1}/{size}")

    def received() -> int:
        return int(door.get(f"/ota/uploads/{sha256}", admin).json()["received"])

    assert received() == 0
    first = send(0, 1000)
    assert (first.status_code, first.json()) == (202, {"received": 1000})
    assert received() == 1000
    for begin in (500, 1001):
        wrong = send(begin, 2000)
        assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong_offset")
        assert "1000 bytes have arrived" in wrong.json()["message"]
    assert send(1000, 1500).json() == {"received": 1500}
    assert send(0, 700).json() == {"received": 700}  # begun anew
    assert send(700, size).status_code == 201
    assert received() == 0


def test_a_connection_that_breaks(door: Door, admin: str, maker: Maker, uploads: Path) -> None:
    """What has arrived stays, and the rest follows."""
    content = good(maker)
    sha256 = digest(content)

    def cut() -> Iterator[bytes]:
        yield content[:1500]
        time.sleep(0.2)
        raise ConnectionError

    headers = bearer(admin) | {"File-Name": "x.update"}
    with pytest.raises(ConnectionError):
        door.client.post(f"/ota/bundles/{sha256}", content=cut(), headers=headers)
    deadline = time.monotonic() + 10
    while (received := door.get(f"/ota/uploads/{sha256}", admin).json()["received"]) < 1500:
        assert time.monotonic() < deadline
    rest = upload(door, admin, content[received:], sha256, f"bytes {received}-{len(content) - 1}/{len(content)}")
    assert rest.status_code == 201, rest.text


def test_parts_that_nobody_goes_on_with(door: Door, admin: str, maker: Maker, uploads: Path) -> None:
    old = uploads / f"{'a' * 64}.part"
    old.write_bytes(b"x")
    killed = uploads / f"{PREFIX}x"  # while it examined one
    killed.mkdir()
    for path in (old, killed):
        os.utime(path, (1, 1))
    for number in range(8):
        (uploads / f"{number:064}.part").write_bytes(b"x")
    answer = upload(door, admin, good(maker))
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_uploads")
    assert not old.exists()
    assert not killed.exists()
    for path in uploads.iterdir():
        path.unlink()


def test_no_room(door: Door, admin: str, maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    answer = upload(door, admin, good(maker))
    assert (answer.status_code, answer.json()["code"]) == (507, "no_space")


@pytest.mark.parametrize("span", ["x", "bytes 5-6/3", "bytes a-b/c", "bytes */7", "items 0-1/2", "bytes 0-5/5"])
def test_ranges_that_are_none(span: str, door: Door, admin: str) -> None:
    answer = upload(door, admin, b"x", "0" * 64, span)
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_range")


@pytest.mark.parametrize("role", ["viewer", "operator", "controller"])
def test_who_may_not(role: str, door: Door, people: People, maker: Maker) -> None:
    token = people.the(role).token
    assert upload(door, token, good(maker)).status_code == 403
    assert door.get(f"/ota/uploads/{'0' * 64}", token).status_code == 403


def test_a_read_only_token(door: Door, people: People, maker: Maker) -> None:
    token = people.api_token(people.the("admin").name, "admin", read_only=True).token
    assert upload(door, token, good(maker)).status_code == 403


@pytest.mark.parametrize("path", ["/ota/bundles/../x", "/ota/bundles/" + "A" * 64, "/ota/bundles/%2e%2e%2fevil"])
def test_paths_that_climb(path: str, door: Door, admin: str) -> None:
    answer = door.client.post(path, content=b"x", headers=bearer(admin) | {"File-Name": "x"})
    assert answer.status_code in (400, 404, 405, 422)


def test_without_a_list_of_keys(config: Config, people: People, maker: Maker) -> None:
    for root, words in (("", "No list of keys"), ("nowhere.json", "cannot be read")):
        for door in running(replace(config, ota=replace(config.ota, root=root))):
            answer = upload(door, people.the("admin").token, good(maker))
            assert (answer.status_code, answer.json()["code"]) == (409, "no_root")
            assert words in answer.json()["message"]


def test_the_bytes_are_for_whom_they_are_meant(door: Door, admin: str, maker: Maker, sql: Sql, people: People) -> None:
    content = good(maker)
    bundle = upload(door, admin, content).json()["id"]
    edge, other = people.controller(), people.controller()
    path = f"/ota/bundles/{digest(content)}"

    def get(who: Caller, **headers: str) -> httpx.Response:
        return door.client.get(path, headers=bearer(who.token) | headers)

    assert get(edge).status_code == 404
    sql.as_role("admin").execute(
        "insert into api.updates (controller_id, bundle_id) values (%s, %s)", (edge.id, bundle)
    )
    assert get(edge).content == content
    rest = get(edge, Range="bytes=1000-")
    assert (rest.status_code, rest.content) == (206, content[1000:])
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(content) - 1}/{len(content)}"
    beyond = get(edge, Range=f"bytes={len(content)}-")
    assert (beyond.status_code, beyond.json()["message"][:10]) == (416, "The bundle")
    assert get(other).status_code == 404
    assert get(people.the("admin")).status_code == 403


def test_a_folder_that_cannot_be_made(config: Config, people: People, maker: Maker, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "root.json").write_bytes(maker.pinned)
    ota = replace(config.ota, root=str(tmp_path / "root.json"), uploads_dir=tmp_path / "file" / "uploads")
    for door in running(replace(config, ota=ota)):
        answer = upload(door, people.the("admin").token, good(maker))
        assert (answer.status_code, answer.json()["code"]) == (507, "no_folder")
