"""A source of updates on the web: where it may send us on to, and how much, how long, how slowly it may answer."""

import itertools
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from webmacs_controller.packages.pace import Pace

from tests.support.source import Handler, SourceServer, source_server
from webmacs.config.networks import networks
from webmacs.ota.source import web as web_module
from webmacs.ota.source.listing import list_address, read_list, write_list
from webmacs.ota.source.offer import Offer, SourceError
from webmacs.ota.source.web import Web
from webmacs.webhooks.resolver import Resolver

LOOPBACK = tuple(networks("loopback"))


@pytest.fixture
def server() -> Iterator[SourceServer]:
    with source_server() as running:
        yield running


@pytest.fixture
def other() -> Iterator[SourceServer]:
    """At another port: another place."""
    with source_server() as running:
        yield running


@asynccontextmanager
async def asking(source: str, **more: object) -> AsyncIterator[Web]:
    resolver = Resolver(1)
    web = Web(source, resolver, **more)  # type: ignore[arg-type]
    try:
        yield web
    finally:
        await web.close()
        resolver.close()


async def read(address: str, **more: object) -> bytes:
    async with asking(address, **more) as web:
        return await web.read(address)


async def fetch(address: str, begin: int = 0, **more: object) -> tuple[int, bytes]:
    async with asking(address, **more) as web, web.open(address, begin) as answer:
        return answer.begin, b"".join([piece async for piece in answer.pieces])


async def test_it_is_read_also_where_it_is_not_public(server: SourceServer) -> None:
    assert await read(server.has("/list", b"x" * 1000)) == b"x" * 1000


async def test_it_goes_on_where_it_was(server: SourceServer) -> None:
    assert await fetch(server.has("/file", b"0123456789"), 4) == (4, b"456789")


async def test_it_begins_anew_where_the_server_knows_no_ranges(server: SourceServer) -> None:
    def whole(handler: Handler) -> None:
        handler.headers.replace_header("Range", "bytes=0-")
        handler.send(b"0123456789")

    server.answers["/file"] = whole
    assert await fetch(f"{server.url}/file", 4) == (0, b"0123456789")


async def test_redirects_at_its_own_place(server: SourceServer) -> None:
    server.has("/c", b"there")
    server.sends_on("/b", "c", 307)
    assert await read(server.sends_on("/a", f"{server.url}/b")) == b"there"


async def test_redirects_to_another_place(server: SourceServer, other: SourceServer) -> None:
    """To a public one they are followed, for which the loopback stands here; to an inner one not."""
    address = server.sends_on("/a", other.has("/file", b"there"))
    assert await read(address, allowed=LOOPBACK) == b"there"
    other.asked.clear()
    with pytest.raises(SourceError, match="neither public nor its own"):
        await read(address)
    assert other.asked == []


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("/a", "sends us on too often"),
        ("ftp://127.0.0.1/x", "what is no address"),
        ("http://user:secret@127.0.0.1/x", "what is no address"),
        ("http://[::1", "what is no address"),
        ("http://169.254.169.254/latest/meta-data", "neither public nor its own"),
        ("", "what is no address"),
    ],
)
async def test_redirects_that_lead_nowhere(to: str, words: str, server: SourceServer) -> None:
    with pytest.raises(SourceError, match=words):
        await read(server.sends_on("/a", to))


async def test_tls_is_not_given_up(server: SourceServer) -> None:
    async with asking("https://127.0.0.1:1", allowed=LOOPBACK, tls=ssl.create_default_context()) as web:
        with pytest.raises(SourceError, match="without TLS"):
            await web.read(server.has("/a", b"x"))


async def test_endless_lists(server: SourceServer) -> None:
    server.answers["/a"] = lambda handler: handler.endless(b"[" * 50_000)
    with pytest.raises(SourceError, match="too long for a list"):
        await read(f"{server.url}/a")


async def test_lists_that_do_not_come(server: SourceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_module, "LIST_SECONDS", 0.3)
    server.answers["/a"] = lambda handler: handler.endless(b" ", 0.05)
    with pytest.raises(SourceError, match=r"did not answer within 0\.3 s"):
        await read(f"{server.url}/a")


async def test_answers_that_do_not_begin(server: SourceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_module, "STALL_SECONDS", 0.2)
    server.answers["/a"] = lambda handler: handler.silent()
    with pytest.raises(SourceError, match="answer"):
        await fetch(f"{server.url}/a")


async def test_what_drips(server: SourceServer) -> None:
    server.answers["/a"] = lambda handler: handler.endless(b"x" * 10, 0.01)
    hours_go_by = itertools.count(0, 3600)
    with pytest.raises(SourceError, match="too slowly: 10 bytes in 3600 s"):
        await fetch(f"{server.url}/a", pace=lambda: Pace(clock=hours_go_by.__next__))


async def test_what_breaks_off(server: SourceServer) -> None:
    with pytest.raises(SourceError, match="ended before its time"):
        await fetch(server.has("/a", b"x" * 1000, cut=10))


async def test_other_answers(server: SourceServer) -> None:
    with pytest.raises(SourceError, match="/nothing answers 404"):
        await read(f"{server.url}/nothing")
    with pytest.raises(SourceError, match="in a packed form"):
        await read(server.has("/a", b"x", Content_Encoding="gzip"))
    with pytest.raises(SourceError, match="Connection refused"):
        await read("http://127.0.0.1:1/")
    with pytest.raises(SourceError, match="no address that can be asked"):
        await read("http://user@127.0.0.1/")


# lists ---------------------------------------------------------------------------

AT = "https://example.org/releases/latest"


def listed(*assets: object, **more: object) -> list[Offer]:
    return read_list(json.dumps({"assets": assets, **more}).encode(), AT)


def test_a_list_as_github_writes_it() -> None:
    asset = {
        "name": "webmacs-controller-1.2.0-x86_64.update",
        "size": 7,
        "digest": f"sha256:{'a' * 64}",
        "browser_download_url": "https://github.com/o/r/releases/download/v1/x.update",
        "uploader": {"login": "somebody"},
    }
    offer = Offer(asset["browser_download_url"], asset["name"], 7, "a" * 64, "What is\nnew")  # type: ignore[arg-type]
    assert listed(asset, body="What is\nnew") == [offer]
    assert listed({**asset, "digest": None, "size": None}, body=None) == [
        Offer(offer.address, offer.file_name, None, None, "")
    ]


def test_a_list_of_ours() -> None:
    body = write_list([("x.update", 7, "b" * 64)], "new")
    assert read_list(body, AT) == [Offer("https://example.org/releases/x.update", "x.update", 7, "b" * 64, "new")]


@pytest.mark.parametrize("name", ["../x.update", "x.txt", "x\0.update", "", 7, None, "y" * 300 + ".update"])
def test_files_that_are_no_bundles(name: object) -> None:
    assert listed({"name": name, "browser_download_url": "x"}, "no asset", None) == []


@pytest.mark.parametrize("url", [None, "", 7, "http://a:x/", "x" * 3000])
def test_addresses_that_are_none(url: object) -> None:
    assert listed({"name": "x.update", "browser_download_url": url}) == []


@pytest.mark.parametrize("size", [0, -1, True, "7", 1e9, 1 << 60])
def test_sizes_that_are_none(size: object) -> None:
    assert [offer.size for offer in listed({"name": "x.update", "browser_download_url": "x", "size": size})] == [None]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b"{}", b'{"assets": 7}', b"\xff", b'{"assets": {}}', b"[" * 100_000]
)
def test_what_is_no_list(body: bytes) -> None:
    with pytest.raises(SourceError, match="no list of bundles"):
        read_list(body, AT)


def test_a_long_list_is_cut() -> None:
    assert len(listed(*({"name": "x.update", "browser_download_url": f"{n}"} for n in range(1000)))) == 200


def test_github_is_asked_by_its_api() -> None:
    assert list_address("https://github.com/o/r.s") == "https://api.github.com/repos/o/r.s/releases/latest"
    assert list_address("https://example.org/o/r") == "https://example.org/o/r"
