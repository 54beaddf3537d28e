"""The Compose file and the Dockerfile, read. No engine is needed; `make production-test docker` plays the rest."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"

Compose = dict[str, Any]


@pytest.fixture(scope="session")
def compose() -> Compose:
    found: Compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    return found
