"""Files of experiments through PostgREST: the same bytes come back, under the same name, and never run."""

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from urllib.parse import quote, unquote

import httpx
import pytest

from tests.support.rest import Api
from tests.support.sql import Sql
from webmacs.config import Config

MIB = 1024 * 1024
_numbers = count(1)
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")


@pytest.fixture(scope="module")
def experiment(api: Api) -> int:
    """An experiment to attach to."""
    answer = api.as_role("operator").post("/rpc/start_experiment", json={"name": "with files"})
    number: int = answer.json()[0]["id"]
    return number


def _upload(api: Api, experiment: int | str, content: bytes, name: str, **headers: str) -> httpx.Response:
    sent = {
        "Content-Type": "application/octet-stream",
        "Experiment-Id": str(experiment),
        "File-Name": quote(name),
    }
    return api.as_role("operator").post("/rpc/upload_experiment_file", content=content, headers=sent | headers)


def _uploaded(api: Api, experiment: int, content: bytes, name: str, media_type: str) -> dict[str, Any]:
    answer = _upload(api, experiment, content, name, **{"File-Type": media_type})
    assert answer.status_code == 200, answer.text
    row: dict[str, Any] = answer.json()
    return row


def _download(api: Api, file: int, **headers: str) -> httpx.Response:
    return api.as_role("viewer").get(f"/rpc/experiment_file?file_id={file}", headers=headers)


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"", "empty", "application/octet-stream"),
        ("Grüße,\r\nvon hier\0".encode(), "letter.txt", "text/plain; charset=utf-8"),
        (PNG, "dot.png", "image/png"),
        (bytes(range(256)) * 3, "all bytes.bin", "application/octet-stream"),
        (b'{"a": 1}', "recipe.json", "application/json"),
        (b"a,b\n1,2\n", "table.csv", "text/csv"),
        (b"PK\3\4", "sheet.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (random.Random(1).randbytes(20 * MIB), "large.bin", "application/octet-stream"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_same_bytes_come_back(content: bytes, name: str, media_type: str, api: Api, experiment: int) -> None:
    row = _uploaded(api, experiment, content, name, media_type)
    assert (row["name"], row["media_type"], row["size"]) == (name, media_type, len(content))
    assert row["sha256"] == hashlib.sha256(content).hexdigest()
    answer = _download(api, row["id"])
    assert answer.status_code == 200
    assert answer.content == content
    assert answer.headers["Content-Type"] == media_type
    assert api.as_role("viewer").get(f"/experiment_files?id=eq.{row['id']}").json() == [row]


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
        "application/octet-stream",
        "image/png",
        "text/csv",
        "application/json",
    ],
)
def test_whatever_is_asked_for(accept: str, api: Api, experiment: int) -> None:
    file = _uploaded(api, experiment, PNG, "dot.png", "image/png")["id"]
    answer = _download(api, file, Accept=accept)
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, "image/png", PNG)


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "text/javascript", "application/pdf"])
def test_what_could_run_is_saved_and_not_shown(media_type: str, api: Api, experiment: int) -> None:
    page = b"<script>alert(1)</script>"
    answer = _download(api, _uploaded(api, experiment, page, "page", media_type)["id"])
    assert answer.content == page
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(
    ("name", "fallback"),
    [
        ("plain.txt", "plain.txt"),
        ("two words (1).txt", "two words (1).txt"),
        ('say "hello"; filename=evil.exe', "say _hello__ filename_evil.exe"),
        ("it's 100%25 *good*.txt", "it_s 100_25 _good_.txt"),
        ("Prüfung ① 試験.pdf", "Pr_fung _ __.pdf"),
        ("😀.txt", "_.txt"),
        ("a" * 255, "a" * 255),
        ("ü" * 255, "_" * 255),
    ],
)
def test_the_name_comes_back(name: str, fallback: str, api: Api, experiment: int) -> None:
    row = _uploaded(api, experiment, b"x", name, "text/plain")
    assert row["name"] == name
    header = _download(api, row["id"]).headers["Content-Disposition"]
    plain, extended = header.removeprefix("attachment; ").split("; filename*=UTF-8''")
    assert plain == f'filename="{fallback}"'
    assert extended.isascii()
    assert unquote(extended, errors="strict") == name


def _upload_raw(api: Api, experiment: int, name: bytes) -> httpx.Response:
    headers = {"Content-Type": "application/octet-stream", "Experiment-Id": str(experiment)}
    sent = {key.encode(): value.encode() for key, value in headers.items()} | {b"File-Name": name}
    return api.as_role("operator").post("/rpc/upload_experiment_file", content=b"x", headers=sent)


@pytest.mark.parametrize("raw", ["100% raw name.txt", "Grüße.txt"])
def test_a_name_that_is_not_encoded(raw: str, api: Api, experiment: int) -> None:
    assert _upload_raw(api, experiment, raw.encode()).json()["name"] == raw


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("../../etc/passwd", "name must have no / and no \\"),
        ("C:\\autoexec.bat", "name must have no / and no \\"),
        ("..", "name must have no / and no \\"),
        ("a\r\nSet-Cookie: b=c", "name must have no control characters"),
        ("tab\tbed", "name must have no control characters"),
        ("\x7f.txt", "name must have no control characters"),
        ("invoice\u202etxt.exe", "name must have no control characters"),
        (" padded ", "name must be 1 to 255 characters"),
        ("x" * 256, "name must be 1 to 255 characters"),
    ],
)
def test_a_hostile_name(name: str, constraint: str, api: Api, experiment: int) -> None:
    answer = _upload(api, experiment, b"x", name)
    assert (answer.status_code, answer.json()["code"]) == (400, "23514")
    assert f'"{constraint}"' in answer.json()["message"]


@pytest.mark.parametrize(
    "media_type", ["", "text", "text/", "/plain", "text/plain; boundary=x", "text/plain\tx", "t/" + "x" * 300]
)
def test_no_media_type(media_type: str, api: Api, experiment: int) -> None:
    answer = _upload(api, experiment, b"x", "x", **{"File-Type": media_type})
    assert answer.status_code == 400
    assert "media_type must be a type and subtype, such as text/plain" in answer.json()["message"]


@pytest.mark.parametrize(
    ("headers", "status", "word"),
    [
        ({"File-Name": ""}, 400, "File-Name"),
        ({"File-Name": "%ff.txt"}, 400, "File-Name"),
        ({"File-Name": "%00"}, 400, "File-Name"),
        ({"Experiment-Id": ""}, 400, "Experiment-Id"),
        ({"Experiment-Id": "one"}, 400, "Experiment-Id"),
        ({"Experiment-Id": "-1"}, 400, "Experiment-Id"),
        ({"Experiment-Id": "99999999999999999999"}, 400, "Experiment-Id"),
        ({"Experiment-Id": "999999"}, 404, "There is no experiment 999999."),
    ],
)
def test_headers_that_say_nothing(headers: dict[str, str], status: int, word: str, api: Api, experiment: int) -> None:
    answer = _upload(api, experiment, b"x", "x", **headers)
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"code", "message", "details", "hint"}
    assert word in answer.json()["message"]


def test_too_large(api: Api, experiment: int) -> None:
    answer = _upload(api, experiment, bytes(20 * MIB + 1), "zeros")
    assert (answer.status_code, answer.json()["message"]) == (413, "A file must have at most 20 MiB.")
    assert api.as_role("viewer").get("/experiment_files?name=eq.zeros").json() == []


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_a_body_of_another_kind(content_type: str, api: Api, experiment: int) -> None:
    answer = _upload(api, experiment, b"{}", "x", **{"Content-Type": content_type})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json().keys() == {"code", "message", "details", "hint"}


def test_our_page_may_send_the_headers(api: Api, config: Config) -> None:
    names = "authorization, content-type, experiment-id, file-name, file-type"
    asked = {
        "Origin": config.server.public_url,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": names,
    }
    answer = api.anonymous.options("/rpc/upload_experiment_file", headers=asked)
    assert set(names.split(", ")) <= set(answer.headers["Access-Control-Allow-Headers"].lower().split(", "))


def test_no_such_file(api: Api) -> None:
    answer = _download(api, 999999)
    assert (answer.status_code, answer.json()["message"]) == (404, "There is no file 999999.")
    assert _download(api, "x").status_code == 400  # type: ignore[arg-type]


def _fill(sql: Sql, experiment: int, files: int, size: int) -> None:
    """So many files of this size, without their bytes."""
    sql.superuser.execute(
        "insert into private.experiment_files (experiment_id, name, media_type, size, sha256)"
        " select %s, 'x', 'text/plain', %s, '' from generate_series(1, %s)",
        (experiment, size, files),
    )


@pytest.fixture
def other(api: Api) -> int:
    """An experiment without files."""
    answer = api.as_role("operator").post("/rpc/start_experiment", json={"name": f"files {next(_numbers)}"})
    number: int = answer.json()[0]["id"]
    return number


def test_at_most_a_hundred_files(api: Api, sql: Sql, other: int) -> None:
    _fill(sql, other, 99, 0)
    assert _upload(api, other, b"x", "the last").status_code == 200
    answer = _upload(api, other, b"x", "one more")
    assert (answer.status_code, answer.json()["message"]) == (409, "An experiment must have at most 100 files.")


def test_at_most_so_many_bytes_together(api: Api, sql: Sql, other: int) -> None:
    _fill(sql, other, 1, 500 * MIB - 5)
    assert _upload(api, other, b"12345", "fits").status_code == 200
    answer = _upload(api, other, b"1", "does not")
    message = "The files of an experiment must have at most 500 MiB together."
    assert (answer.status_code, answer.json()["message"]) == (413, message)
    assert _upload(api, other, b"", "empty").status_code == 200
    taken = api.as_role("viewer").get(f"/experiment_storage?experiment_id=eq.{other}").json()
    assert taken == [{"experiment_id": other, "files": 3, "bytes": 500 * MIB}]


def test_the_last_place_is_given_once(api: Api, sql: Sql, other: int) -> None:
    _fill(sql, other, 99, 0)
    with ThreadPoolExecutor(4) as together:
        answers = list(together.map(lambda _: _upload(api, other, b"x", "at once").status_code, range(4)))
    assert sorted(answers) == [200, 409, 409, 409]
