"""The real Apache of Debian with the virtual host of a configuration, and with Debian's own set-up of its modules."""

import grp
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.run import Run
from webmacs.config import Config
from webmacs.gateway.apache import virtual_host

PROGRAM = "/usr/sbin/apache2"
DEBIAN = Path("/etc/apache2")
ACCOUNT = "www-data"
# What Debian enables, and what docs/production.md enables besides, with what that brings with it.
ENABLED = (
    *("access_compat", "alias", "auth_basic", "authn_core", "authn_file", "authz_core", "authz_host", "authz_user"),
    *("autoindex", "deflate", "dir", "env", "filter", "mime", "mpm_event", "negotiation", "reqtimeout", "setenvif"),
    *("status", "ssl", "socache_shmcb", "http2", "proxy", "proxy_http", "proxy_balancer", "slotmem_shm"),
    *("lbmethod_byrequests", "rewrite", "headers", "brotli", "unique_id", "lua"),
)
READY_SECONDS = 20
SERVER = """
ServerRoot "{folder}"
PidFile "{folder}/apache.pid"
Define APACHE_LOG_DIR "{folder}/log"
ErrorLog "{folder}/log/error.log"
LogLevel warn
ServerName localhost
{account}
{modules}
<Directory />
  Options FollowSymLinks
  AllowOverride None
  Require all denied
</Directory>
Listen 127.0.0.1:{https}
Listen 127.0.0.1:{http}
Include "{folder}/webmacs.conf"
"""


def require_apache() -> None:
    """Skips if it is not installed."""
    if not Path(PROGRAM).exists():
        pytest.skip("Apache is missing; install: apt-get install apache2")


def gateway_folder(folder: Path) -> Path:
    """A folder whose sockets Apache may open, as the one in /run is."""
    folder.mkdir(mode=0o755)
    if os.geteuid() == 0:
        os.chown(folder, 0, grp.getgrnam(ACCOUNT).gr_gid)
        folder.chmod(0o2755)
    return folder


def configure(config: Config, folder: Path, edit: Callable[[str], str] = str) -> list[str]:
    """Write the files of a server in `folder`, and return its command line. `edit` changes the virtual host."""
    (folder / "log").mkdir(exist_ok=True)
    (folder / "webmacs.conf").write_text(edit(virtual_host(config)))
    wanted = [DEBIAN / "mods-available" / f"{name}.{end}" for name in ENABLED for end in ("load", "conf")]
    text = SERVER.format(
        folder=folder,
        account=f"User {ACCOUNT}\nGroup {ACCOUNT}" if os.geteuid() == 0 else "",
        modules="\n".join(f'Include "{file}"' for file in wanted if file.exists()),
        https=config.server.public_url.rpartition(":")[2],
        http=config.gateway.http_port,
    )
    (folder / "apache.conf").write_text(text)
    return [PROGRAM, "-f", str(folder / "apache.conf")]


@contextmanager
def running_apache(
    config: Config, folder: Path, run: Run, edit: Callable[[str], str] = str
) -> Iterator[subprocess.Popen[bytes]]:
    """It answers at the public address of the configuration."""
    require_apache()
    command = configure(config, folder, edit)
    with (folder / "log" / "said.log").open("wb") as said:
        process = subprocess.Popen([*command, "-DFOREGROUND"], stdout=said, stderr=said)
    run.ends(process)
    try:
        _wait_until_it_listens(config, folder, process)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_it_listens(config: Config, folder: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", config.gateway.http_port), 1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                said = "".join(file.read_text(errors="replace") for file in (folder / "log").iterdir())
                raise RuntimeError(f"Apache does not start:\n{said[-3000:]}") from None
            time.sleep(0.05)


def page(folder: Path) -> Path:
    """A built page in miniature."""
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>WebMACS</title>")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets/index-BqX9_k2a.js").write_text("// " + "words " * 2000)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
