"""The page in headless Chromium, with a real provider; what is tried stands in page/*.test.mjs."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.browser.test_page import CHROMIUM, missing
from tests.support.identity_provider import IdentityProvider
from tests.support.people import People
from tests.support.sql import Sql
from webmacs.accounts.passwords import hash_password

TEST = Path(__file__).parent / "page/sso.test.mjs"
PASSWORD = "correct horse battery"


def test_page(sidecar: str, postgrest: str, provider: IdentityProvider, people: People, sql: Sql) -> None:
    if reason := missing():
        pytest.skip(reason)
    provider.knows("person", preferred_username="page.person", groups=["run"])
    _link_with_a_password("both", provider, people, sql)
    ada = people.user("viewer", password_hash=hash_password(PASSWORD, 4))
    known = {"WEBMACS_URL": sidecar, "WEBMACS_USERNAME": ada.name, "WEBMACS_PASSWORD": PASSWORD}
    answer = subprocess.run(
        ["node", "--test", "--test-timeout=180000", TEST],
        env={**os.environ, "CHROMIUM": CHROMIUM, **known},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def _link_with_a_password(account: str, provider: IdentityProvider, people: People, sql: Sql) -> None:
    """An operator with a password who is this account at the provider."""
    provider.knows(account, groups=["run"])
    both = people.user("operator", f"page.{account}", hash_password(PASSWORD, 4))
    sql.superuser.execute(
        "insert into private.identities (user_id, issuer, subject) values (%s, %s, %s)",
        (both.id, provider.url, account),
    )
