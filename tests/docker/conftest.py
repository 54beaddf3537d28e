"""The Compose file, read. No engine is needed; `make production-test` plays its containers."""

import pytest

from tests.support import dockerfile
from tests.support.dockerfile import Compose


@pytest.fixture(scope="session")
def compose() -> Compose:
    return dockerfile.compose()
