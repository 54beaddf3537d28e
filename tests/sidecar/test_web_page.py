"""The page: its files, its own addresses, and headers that hold it to itself."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sidecar.conftest import Door
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from webmacs.addresses import rest_api_url
from webmacs.config import Config
from webmacs.errors import ApiError
from webmacs.web.page import Page

INDEX = "<!doctype html><title>WebMACS</title>"


@pytest.fixture(scope="module")
def page(config: Config, people: People, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("dist")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(INDEX)
    (folder / "assets/index-BqX9_k2a.js").write_text("export {}")
    (folder / "icon-template.svg").write_text("<svg/>")
    (folder.parent / "secret.txt").write_text("secret")
    server = replace(config.server, frontend_dir=folder, port=free_port())
    with running_sidecar(replace(config, server=server)) as url:
        yield Door(url)


@pytest.mark.parametrize("path", ["/", "/events/1b9d", "/sign-in", "/index.html", "/authors"])
def test_its_own_addresses_all_get_the_page(page: Door, path: str) -> None:
    answer = page.get(path)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/auth/x", "/api/events", "/ws/x", "/assets/missing-BqX9_k2a.js", "/ota/x"])
def test_others_do_not(page: Door, path: str) -> None:
    answer = page.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_file_whose_name_has_its_hash_is_kept_for_ever(page: Door) -> None:
    assert "immutable" in page.get("/assets/index-BqX9_k2a.js").headers["Cache-Control"]
    assert page.get("/icon-template.svg").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//etc/passwd"]
)
def test_nothing_outside_its_folder(page: Door, path: str) -> None:
    assert "secret" not in page.get(path).text
    assert "root:" not in page.get(path).text


def test_the_policy_lets_it_reach_the_rest_api_and_nothing_else(page: Door, config: Config) -> None:
    policy = page.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert rest_api_url(config).startswith("http")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


async def test_not_built_yet(tmp_path: Path) -> None:
    with pytest.raises(ApiError) as refused:
        await Page(tmp_path)({"type": "http", "path": "/"}, None, None)  # type: ignore[arg-type] # it asks nobody
    assert (refused.value.status, refused.value.hint) == (404, "The page is not built yet.")


@pytest.mark.parametrize(
    ("public_url", "api"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:3000"),
        ("http://edge-pc:8000", "http://edge-pc:3000"),
        ("http://[::1]:8000", "http://[::1]:3000"),
        ("https://lab.example.org", "https://lab.example.org/api"),
    ],
)
def test_where_the_rest_api_is(config: Config, public_url: str, api: str) -> None:
    server = replace(config.server, public_url=public_url, port=8000)
    assert rest_api_url(replace(config, server=server, postgrest=replace(config.postgrest, port=3000))) == api


def test_docs_name_every_address(door: Door) -> None:
    text = door.get("/docs").text
    schema = door.get("/openapi.json").json()
    assert all(path in text for path in schema["paths"])
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert "422" not in operation["responses"] or "ErrorBody" in str(operation["responses"]["422"])
