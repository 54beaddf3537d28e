"""All three doors on one database: the REST API, the sidecar, its sockets."""

from collections.abc import Iterator

import pytest

from tests.security.forgeries import Issuer, issuer
from tests.support.people import People
from tests.support.sidecar import running_sidecar
from webmacs.config import Config


@pytest.fixture(scope="module")
def sidecar(config: Config, people: People) -> Iterator[str]:
    """The address of a running sidecar."""
    with running_sidecar(config) as url:
        yield url


@pytest.fixture(scope="module")
def by(people: People) -> Issuer:
    """What forgers have."""
    return issuer(people)
