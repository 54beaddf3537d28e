"""An installation of its own, in a folder that PostgreSQL's account can enter."""

import tempfile
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.run import Run


@pytest.fixture
def project(run: Run) -> Path:
    """An empty project folder."""
    folder = Path(tempfile.mkdtemp(dir=run.folder, prefix="project-"))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch, project: Path) -> dict[str, str]:
    """Settings of an installation in `project`, all its ports free."""
    server = free_port()
    ports = {name: str(free_port()) for name in ("DATABASE_PORT", "POSTGREST_PORT", "POSTGREST_ADMIN_PORT")}
    settings = {
        "WEBMACS_CONFIG": str(project / "config.toml"),
        "WEBMACS_SERVER_PORT": str(server),
        "WEBMACS_AUTH_BCRYPT_ROUNDS": "4",
        **{f"WEBMACS_{name}": port for name, port in ports.items()},
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return settings
