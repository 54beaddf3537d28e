"""The page in headless Chromium, with a real provider; what is tried stands in page/*.test.mjs."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.browser.test_page import CHROMIUM, missing
from tests.support.identity_provider import IdentityProvider
from tests.support.people import People
from webmacs.accounts.passwords import hash_password

TEST = Path(__file__).parent / "page/sso.test.mjs"
PASSWORD = "correct horse battery"


def test_page(sidecar: str, postgrest: str, provider: IdentityProvider, people: People) -> None:
    if reason := missing():
        pytest.skip(reason)
    provider.knows("person", preferred_username="page.person", groups=["run"])
    ada = people.user("viewer", password_hash=hash_password(PASSWORD, 4))
    known = {"WEBMACS_URL": sidecar, "WEBMACS_USERNAME": ada.name, "WEBMACS_PASSWORD": PASSWORD}
    answer = subprocess.run(
        ["node", "--test", "--test-timeout=60000", TEST],
        env={**os.environ, "CHROMIUM": CHROMIUM, **known},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
