"""The page's types of the REST API are those of the REST API."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.rest import Api

FRONTEND = Path(__file__).parents[2] / "frontend"


def test_they_are_up_to_date(api: Api) -> None:
    if shutil.which("node") is None:
        pytest.skip("There is no node; install Node.js 20 or newer")
    document = api.as_role("admin").get("/").text
    made = subprocess.run(
        ["node", FRONTEND / "build/types.mjs", "-"], input=document, capture_output=True, text=True, check=True
    )
    file = FRONTEND / "src/api/schema.ts"
    if os.environ.get("WEBMACS_UPDATE_TYPES") == "1":
        file.write_text(made.stdout)
    assert made.stdout == file.read_text(), "run this test with WEBMACS_UPDATE_TYPES=1, and commit the file"
