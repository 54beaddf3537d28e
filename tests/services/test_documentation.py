"""docs/services.md and docs/service_token.py do what they say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.people import Caller
from tests.support.rest import Api
from webmacs.config import Config
from webmacs.services.signature import Signed, content_digest, is_signed, read_signature, signature_base

DOCS = Path(__file__).parents[2] / "docs"
PROGRAM = DOCS / "service_token.py"
TEXT = (DOCS / "services.md").read_text()
KEY = "only-for-the-example-0123456789abcdef"


def block(language: str) -> str:
    """What stands there, its folded lines joined."""
    found = re.search(rf"```{language}\n(.*?)\n```", TEXT, re.DOTALL)
    assert found
    return found[1].replace("\\\n", "")


def headers() -> dict[str, str]:
    head = block("http").split("\n\n")[0].split("\n")[1:]
    return dict(line.split(": ", 1) for line in head)


def test_the_example_is_what_we_verify() -> None:
    said = headers()
    signature = read_signature(said["Signature-Input"], said["Signature"])
    signed = Signed("POST", b"/auth/service", b"", content_digest(b"{}"))
    assert said["Content-Digest"] == signed.digest
    assert signature_base(signed, signature.names, signature.parameters).decode() == block("text")
    assert is_signed(signed, signature, KEY)


def test_the_example_is_what_openssl_computes(tmp_path: Path) -> None:
    (tmp_path / "base").write_text(block("text"))
    found = re.search(r"`(openssl dgst .*?)`", TEXT, re.DOTALL)
    assert found
    command = ["bash", "-c", found[1].replace("\n", " ")]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert f"sig=:{said.strip()}:" == headers()["Signature"]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROGRAM), *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_the_program_gets_a_token_that_counts(sidecar: Config, api: Api) -> None:
    ended = run(sidecar.server.local_socket, "historian", sidecar.folder / "historian.key")
    assert ended.returncode == 0, ended.stderr
    assert [row["name"] for row in api.with_token(ended.stdout.strip()).get("/me").json()] == ["hilde"]


@pytest.mark.parametrize(("name", "key"), [("historian", "reader"), ("stranger", "reader")])
def test_the_program_says_why_there_is_none(sidecar: Config, hilde: Caller, name: str, key: str) -> None:
    ended = run(sidecar.server.local_socket, name, sidecar.folder / f"{key}.key")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "The signature does not count." in ended.stderr


def test_every_code_of_the_answers_is_explained() -> None:
    folder = Path(__file__).parents[2] / "src/webmacs/services"
    sources = "".join(file.read_text() for file in folder.glob("*.py"))
    sources += (Path(__file__).parents[2] / "db/services.sql").read_text()
    explained = set(re.findall(r"^\| \d+ \| `(\w+)`", TEXT, re.MULTILINE))
    assert explained
    assert {code for code in explained if code not in sources} == set()
