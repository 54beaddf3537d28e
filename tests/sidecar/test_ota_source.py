"""Newer bundles at a source: found, fetched into the way of an upload, and what is wrong with them said."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.sidecar.conftest import Door, bearer
from tests.sidecar.test_ota import running
from tests.support.packages import wheel
from tests.support.people import People
from tests.support.source import Handler, SourceServer, source_server
from tests.support.sql import Sql
from tests.support.updates import Maker, changed
from webmacs.config import Config

LIST = "/releases/latest"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    return Maker(tmp_path_factory.mktemp("maker"))


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def server() -> Iterator[SourceServer]:
    with source_server() as it:
        it.has(LIST, b'{"assets": []}')
        yield it


@pytest.fixture(scope="module")
def with_source(config: Config, maker: Maker, uploads: Path) -> Callable[[str], Config]:
    """The settings of a sidecar that looks there, and believes the maker."""
    (maker.folder / "root.json").write_bytes(maker.pinned)
    root = str(maker.folder / "root.json")
    ota = replace(config.ota, root=root, max_megabytes=2, uploads_dir=uploads)
    return lambda source: replace(config, ota=replace(ota, source=source))


@pytest.fixture(scope="module")
def door(with_source: Callable[[str], Config], server: SourceServer) -> Iterator[Door]:
    yield from running(with_source(server.url + LIST))


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmacs.ota.source.check.AT_LEAST", timedelta(0))


@pytest.fixture
def admin(people: People) -> str:
    return people.the("admin").token


_counter = iter(range(1, 1000))


def release(maker: Maker, version: str = "", **more: Any) -> Path:
    """A bundle, named as `webmacs release build` names it."""
    counter = next(_counter)
    version = version or f"{counter}.0"
    maker.wheels = {"lab_lamp-1.0-py3-none-any.whl": wheel(code=f"{counter}")}
    name = f"webmacs-controller-{version}-x86_64.update"
    return maker.bundle(counter, version=version, architecture="x86_64", name=name, **more)


def offers(server: SourceServer, path: Path, content: bytes | None = None, **said: Any) -> None:
    """The source has this one alone, with what it says of it; it lies behind a redirect, as at GitHub."""
    content = path.read_bytes() if content is None else content
    server.asked.clear()
    server.has(f"/storage/{path.name}", content, cut=said.pop("cut", None))
    url = server.sends_on(f"/download/{path.name}", f"/storage/{path.name}")
    digest = hashlib.sha256(content).hexdigest()
    asset = {"name": path.name, "size": len(content), "digest": f"sha256:{digest}", "browser_download_url": url}
    server.has(LIST, json.dumps({"body": "All is better.", "assets": [asset | said, {"name": "notes.txt"}]}).encode())


def check(door: Door, admin: str) -> Row:
    answer = door.post("/ota/check", token=admin)
    assert answer.status_code == 200, answer.text
    found: Row = answer.json()
    return found


def fetch(door: Door, admin: str, offer: int) -> None:
    answer = door.post(f"/ota/offers/{offer}/fetch", token=admin)
    assert (answer.status_code, answer.json()) == (202, {"state": "fetching"}), answer.text


def end(sql: Sql, offer: int) -> Row | None:
    """What has become of the offer, when it is fetched no more; None: it is offered no more."""
    deadline = time.monotonic() + 30
    while True:
        row = _row(sql, "select to_json(o) from api.update_offers o where id = %s", offer)
        if row is None or row["state"] != "fetching":
            return row
        assert time.monotonic() < deadline, row
        time.sleep(0.02)


def stored(sql: Sql, path: Path) -> Row | None:
    return _row(sql, "select to_json(b) from api.update_bundles b where file_name = %s", path.name)


def _row(sql: Sql, statement: str, value: object) -> Row | None:
    row = sql.as_role("admin").execute(statement.encode(), (value,)).fetchone()
    return dict(row[0]) if row else None


def test_one_is_found_and_fetched(
    door: Door, admin: str, maker: Maker, server: SourceServer, sql: Sql, people: People, uploads: Path
) -> None:
    path = release(maker)
    offers(server, path)
    found = check(door, admin)
    assert (found["source"], found["problem"]) == (server.url + LIST, None)
    (offer,) = found["offers"]
    assert (offer["file_name"], offer["product"], offer["architecture"]) == (path.name, "webmacs-controller", "x86_64")
    assert (offer["version"], offer["notes"], offer["state"]) == (path.name.split("-")[2], "All is better.", "offered")
    told = sql.as_role("viewer").execute("select message from api.log_entries order by id desc limit 1").fetchone()
    assert told == (f"A newer bundle is offered: {path.name}.",)
    fetch(door, admin, offer["id"])
    assert end(sql, offer["id"]) is None
    bundle = stored(sql, path)
    assert bundle is not None
    assert (bundle["sha256"], bundle["author"]) == (offer["sha256"], people.the("admin").name)
    assert list(uploads.iterdir()) == []
    assert check(door, admin)["offers"] == []


def test_what_is_not_newer_is_not_offered(door: Door, admin: str, maker: Maker, server: SourceServer, sql: Sql) -> None:
    for version, newer in (("500.9", True), ("500.10", True), ("500.10rc1", False), ("500.9.7", False), ("501", True)):
        path = release(maker, version)
        offers(server, path)
        found = check(door, admin)["offers"]
        assert [offer["version"] for offer in found] == ([version] if newer else [])
        if newer:
            fetch(door, admin, found[0]["id"])
            assert end(sql, found[0]["id"]) is None


BAD: dict[str, tuple[str, Callable[[Maker], tuple[Path, Row]]]] = {
    "another digest than was said": (
        "its SHA-256 is another one",
        lambda maker: (release(maker, "900.1"), {"digest": f"sha256:{'0' * 64}"}),
    ),
    "less than was said": ("bytes came of the 9999 that", lambda maker: (release(maker, "900.2"), {"size": 9999})),
    "more than was said": ("More came than the 99 bytes", lambda maker: (release(maker, "900.3"), {"size": 99})),
    "too large": ("It has 3000000 bytes", lambda maker: (release(maker, "900.4"), {"size": 3_000_000})),
    "not signed": ("It is not signed by", lambda maker: (release(maker, "900.5", signers=[]), {})),
    "tampered with": (
        "in it has 999 bytes",
        lambda maker: (changed(release(maker, "900.6"), {"wheels/lab_lamp-1.0-py3-none-any.whl": b"x" * 999}), {}),
    ),
    "gone": ("answers 404", lambda maker: (release(maker, "900.7"), {"browser_download_url": "/nowhere"})),
    "elsewhere": (
        "neither public nor its own",
        lambda maker: (release(maker, "900.8"), {"browser_download_url": "http://127.0.0.1:1/x.update"}),
    ),
}


@pytest.mark.parametrize(("words", "make"), BAD.values(), ids=BAD.keys())
def test_bad_ones(
    words: str,
    make: Callable[[Maker], tuple[Path, Row]],
    door: Door,
    admin: str,
    maker: Maker,
    server: SourceServer,
    sql: Sql,
    uploads: Path,
) -> None:
    path, said = make(maker)
    offers(server, path, **said)
    (offer,) = check(door, admin)["offers"]
    fetch(door, admin, offer["id"])
    over = end(sql, offer["id"])
    assert over is not None
    assert over["state"] == "failed"
    assert words in over["detail"]
    assert stored(sql, path) is None
    for part in uploads.iterdir():  # of what broke off, for the next try
        assert part.suffix == ".part"
        part.unlink()


def test_what_broke_off_goes_on(door: Door, admin: str, maker: Maker, server: SourceServer, sql: Sql) -> None:
    path = release(maker, "901")
    offers(server, path, cut=1000)
    (offer,) = check(door, admin)["offers"]
    fetch(door, admin, offer["id"])
    over = end(sql, offer["id"])
    assert over is not None
    assert "ended before its time" in over["detail"]
    fetch(door, admin, offer["id"])
    assert end(sql, offer["id"]) is None
    assert stored(sql, path) is not None
    assert [span for name, span in server.asked if name.startswith("/storage")] == ["", "bytes=1000-"]


def test_endless_data(door: Door, admin: str, maker: Maker, server: SourceServer, sql: Sql, uploads: Path) -> None:
    """Of which the source does not say how much it is."""
    path = release(maker, "902")
    offers(server, path, size=None, digest=None)
    server.answers[f"/storage/{path.name}"] = lambda handler: handler.endless(b"x" * 100_000)
    (offer,) = check(door, admin)["offers"]
    fetch(door, admin, offer["id"])
    over = end(sql, offer["id"])
    assert over is not None
    assert "More came than the 2000000 bytes" in over["detail"]
    for part in uploads.iterdir():
        part.unlink()


def test_only_once_at_a_time(door: Door, admin: str, maker: Maker, server: SourceServer, sql: Sql) -> None:
    path = release(maker, "903")
    offers(server, path)
    at_last, go_on = server.answers[f"/storage/{path.name}"], Event()

    def later(handler: Handler) -> None:
        go_on.wait(20)
        at_last(handler)

    server.answers[f"/storage/{path.name}"] = later
    (offer,) = check(door, admin)["offers"]
    fetch(door, admin, offer["id"])
    again = door.post(f"/ota/offers/{offer['id']}/fetch", token=admin)
    assert (again.status_code, again.json()["message"]) == (409, "It is being fetched already.")
    go_on.set()
    assert end(sql, offer["id"]) is None


def test_one_that_nobody_goes_on_with(door: Door, admin: str, maker: Maker, server: SourceServer, sql: Sql) -> None:
    """Its sidecar was killed."""
    offers(server, release(maker, "904"))
    (offer,) = check(door, admin)["offers"]
    killed = "update private.update_offers set state = 'fetching', changed_at = now() - interval '3 minutes'"
    sql.superuser.execute(killed)
    over = end(sql, offer["id"])
    assert over is not None
    assert over["state"] == "failed"
    fetch(door, admin, offer["id"])
    assert end(sql, offer["id"]) is None


def test_a_source_that_cannot_be_read(door: Door, admin: str, maker: Maker, server: SourceServer) -> None:
    """What was found before stays."""
    path = release(maker, "905")
    offers(server, path)
    assert len(check(door, admin)["offers"]) == 1
    server.has(LIST, b"<html>")
    found = check(door, admin)
    assert "is no list of bundles" in found["problem"]
    assert [offer["file_name"] for offer in found["offers"]] == [path.name]


def test_who_may_not(door: Door, people: People) -> None:
    read_only = people.api_token(people.the("admin").name, "admin", read_only=True).token
    for token in (*(people.the(role).token for role in ("viewer", "operator", "controller")), read_only, None):
        for path in ("/ota/check", "/ota/offers/1/fetch"):
            assert door.client.post(path, headers=bearer(token)).status_code in (401, 403)


def test_what_is_not_offered(door: Door, admin: str) -> None:
    answer = door.post("/ota/offers/999999/fetch", token=admin)
    assert (answer.status_code, answer.json()["message"]) == (404, "There is no such offer any more.")


def test_a_folder(with_source: Callable[[str], Config], admin: str, maker: Maker, sql: Sql, tmp_path: Path) -> None:
    """It is looked at when the sidecar starts, without being asked."""
    path = release(maker, "1000")
    path.rename(tmp_path / path.name)
    (tmp_path / "notes.txt").write_text("x")
    for door in running(with_source(str(tmp_path))):
        deadline, looked = time.monotonic() + 20, None
        while looked is None:
            assert time.monotonic() < deadline
            row = sql.as_role("admin").execute("select checked_at from api.update_source").fetchone()
            looked = row and row[0]
        (offer,) = check(door, admin)["offers"]
        assert (offer["file_name"], offer["size"]) == (path.name, (tmp_path / path.name).stat().st_size)
        fetch(door, admin, offer["id"])
        assert end(sql, offer["id"]) is None
        assert stored(sql, path) is not None
    for door in running(with_source(str(tmp_path / "gone"))):
        assert "No such file or directory" in check(door, admin)["problem"]


def test_without_a_source(with_source: Callable[[str], Config], admin: str) -> None:
    for door in running(with_source("")):
        answer = door.post("/ota/check", token=admin)
        assert (answer.status_code, answer.json()["code"]) == (409, "no_source")
