"""What schemathesis makes of both OpenAPI documents: no 5xx, one shape of errors, answers as documented.

Its program asks, not its plugin for pytest, which would hold all operations in one test.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.api.world import World
from tests.support.people import People
from tests.support.plain import PLAIN
from tests.support.sql import Sql

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CHECKS = {"SCHEMATHESIS_HOOKS": "tests.security.schemathesis_checks", "PYTHONPATH": str(ROOT)}


def test_sidecar(sidecar: str, postgrest: str, people: People, tmp_path: Path) -> None:
    """With PostgREST, which /health asks."""
    document = httpx.get(f"{sidecar}/openapi.json", **PLAIN).json()
    _try_all("sidecar", document, sidecar, tmp_path, f"Authorization: Bearer {people.user('admin').token}")


def test_rest_api(postgrest: str, people: People, sql: Sql, tmp_path: Path) -> None:
    """There are rows of all views, and nothing that is asked leaves anything behind."""
    World(sql, people)
    authorization = f"Bearer {people.the('admin').token}"
    document = httpx.get(postgrest, headers={"Authorization": authorization}, **PLAIN).json()
    _allow_null(document)
    _try_all("rest", document, postgrest, tmp_path, f"Authorization: {authorization}", "Prefer: tx=rollback")


def _allow_null(document: dict[str, Any]) -> None:
    """PostgREST's document does not say which columns of a view may be null."""
    for view in document["definitions"].values():
        for column in view["properties"].values():
            column["x-nullable"] = True


def _try_all(name: str, document: dict[str, Any], url: str, folder: Path, *headers: str) -> None:
    path = folder / "openapi.json"
    path.write_text(json.dumps(document))
    program = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / f"schemathesis-{name}.toml")]
    arguments = ["run", str(path), "--url", url, *(f"--header={header}" for header in headers)]
    environment = {**os.environ, **CHECKS}
    done = subprocess.run(program + arguments, env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
