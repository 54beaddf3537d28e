"""docs/upgrading.md, "Going back", as it is written there: in an image of a machine, whose systemctl only notes."""

import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.backup.conftest import Machine
from tests.db.retention import Past
from tests.support.administrator import administrator
from tests.support.database import Database
from tests.support.debian import make_debian
from webmacs.install.plan import LOGINS

DOCUMENT = Path(__file__).parents[2] / "docs/upgrading.md"
URL = "https://lab.example.org"
SYSTEMCTL = 'systemctl() { echo "$*" >> "$IMAGE/systemctl"; }\n'
OLD = '#!/bin/sh\ncase $1 in install) set -- "$@" --root "$IMAGE" ;; esac\nexec {python} -m webmacs "$@"\n'


def lines(image: Path, backup: Path) -> str:
    """The block, with its places in the image."""
    text = DOCUMENT.read_text().partition("## Going back")[2]
    (block,) = re.findall(r"(?:^ {4}\S.*\n)+", text.partition("\n## ")[0], re.MULTILINE)
    wrapper = image / "opt/webmacs/versions/OLD/bin/webmacs"
    wrapper.parent.mkdir(parents=True)
    wrapper.write_text(OLD.format(python=sys.executable))
    wrapper.chmod(0o755)
    here = re.sub(r"(?<=[ =])/(?=opt|etc)", f"{image}/", block)
    return SYSTEMCTL + here.replace("FILE", str(backup))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """With an installation of this version."""
    make_debian(tmp_path)
    command = [sys.executable, "-m", "webmacs", "install", "--root", str(tmp_path), "--public-url", URL]
    subprocess.run(command, check=True, capture_output=True)
    return tmp_path


@pytest.mark.usefixtures("memberships", "past")
def test_the_way_back_to_an_old_version(source: Machine, past: Past, image: Path, fresh_database: Database) -> None:
    """The database there is of a newer version, the keys are other ones, and nothing of that is in the way."""
    backup, keys = source.backup(), image / "var/lib/webmacs/keys"
    config = image / "etc/webmacs/config.toml"
    config.write_text(config.read_text().replace('"/var', f'"{image}/var'))
    (keys / "newer.pem").write_text("of the new version")
    with administrator(fresh_database) as role, closing(fresh_database.connect()) as connection:
        connection.execute("insert into private.migrations (name, sha256) values ('migrations/9999_new.sql', 'x')")
        for key, login in LOGINS.items():
            uri = fresh_database.uri(role if key == "admin_uri" else login)
            (image / f"etc/webmacs/secrets/database.{key}").write_text(uri)
        connection.close()
        script = lines(image, backup)
        environment = {"PATH": os.environ["PATH"], "IMAGE": str(image)}
        done = subprocess.run(
            ["bash", "-e", "-c", script], env=environment, cwd="/", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "rows in" in done.stderr
        with closing(fresh_database.connect()) as restored:
            found = restored.execute("select username from private.users").fetchall()
            newer = restored.execute("select from private.migrations where name ~ '9999'").fetchone()
    assert (found, newer) == ([("ada",)], None)
    assert "webmacs.target" in (image / "systemctl").read_text()
    folder = keys.stat()
    assert folder.st_mode & 0o777 == 0o750  # PostgREST's account reads the public keys there
    assert {file.stat().st_uid for file in keys.iterdir()} == {folder.st_uid}
    assert {file.name for file in keys.glob("*.pem")} == {
        file.name for file in (source.folder / "var/keys").glob("*.pem")
    }
    assert (keys / "jwks.json").exists()
    assert config.stat().st_mode & 0o777 == 0o640
