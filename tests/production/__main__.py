"""`make production-test`: a bare Debian becomes a server by what docs/production.md says, is tried and struck.

As root, with debootstrap and iproute2; it takes some ten minutes. Packages come from where this machine has its own.
WEBMACS_PRODUCTION_FOLDER is where it happens (3 GB); WEBMACS_PRODUCTION_KEEP=1 leaves the machine there.
"""

import json
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.production.machine import ENTER, PROJECT, VERSION, Bare
from tests.production.report import problems, table

FOLDER = Path(os.environ.get("WEBMACS_PRODUCTION_FOLDER") or Path(tempfile.gettempdir()) / "webmacs-production")
INSTALL = f"{VERSION}/bin/webmacs install --public-url https://localhost"
STOP = "pg_ctlcluster --skip-systemctl-redirect $(ls /etc/postgresql) main stop -m fast"


def main() -> None:
    require()
    bare, begin = Bare(FOLDER), time.monotonic()
    tell(f"a bare Debian in {bare.root}")
    bare.make()
    tell("the program, from the wheels of this checkout and PyPI")
    bare.bring_program()
    tell("webmacs install")
    password, wrong = _install(bare)
    result = FOLDER / "found.json"
    result.unlink(missing_ok=True)
    tell("everything is started, tried and struck")
    trial = [sys.executable, "-m", "tests.production.trial", str(bare.root), password, str(result), *sys.argv[1:]]
    if os.spawnv(os.P_WAIT, str(ENTER), [str(ENTER), str(bare.root), "--apart", *trial]) or not result.exists():
        raise SystemExit("The trial was broken off; what the parts have said is in var/log of the machine.")
    found = json.loads(result.read_text())
    print(table(found))
    tell("webmacs uninstall")
    wrong += [*problems(found), *_uninstall(bare)]
    if os.environ.get("WEBMACS_PRODUCTION_KEEP") != "1":
        shutil.rmtree(bare.root)
    tell(f"{(time.monotonic() - begin) / 60:.0f} minutes")
    if wrong:
        raise SystemExit("\n".join(["Wrong:", *wrong]))
    print("Nothing acknowledged was lost, and nothing was answered wrongly.")


def _install(bare: Bare) -> tuple[str, list[str]]:
    """A dry run, the installation, and once more. The administrator's password, and what was wrong."""
    wrong, before = [], bare.files()
    dry = bare.run(f"{INSTALL} --dry-run")
    if changed := bare.files() ^ before:
        wrong.append(f"A dry run has touched {sorted(changed)[:5]}.")
    output = bare.run(f"{INSTALL}; echo AGAIN; {INSTALL}; {STOP}")
    print(output)
    first, _, again = output.partition("AGAIN")
    announced, done = (set(re.findall(r"(?m)^(?:would change|changed) +(\S+(?: \S+)*)", text)) for text in (dry, first))
    if not announced or len(announced) > len(done):
        wrong.append("The dry run has announced what was not done then.")
    if "Nothing was to do." not in again:
        wrong.append("The second installation has changed something.")
    password = re.search(r"with the password (\S+)", first)
    if password is None:
        raise SystemExit("No administrator was made.")
    return password[1], wrong


def _uninstall(bare: Bare) -> list[str]:
    """Data stay, and are found again; then all goes."""
    wrong = []
    count = "runuser -u postgres -- psql -XqAt -d webmacs -c 'select count(*) from private.datapoints'"
    cluster = "pg_ctlcluster --skip-systemctl-redirect $(ls /etc/postgresql) main"
    start = f"systemd-tmpfiles --create 2> /dev/null || true; {cluster} start"  # as a machine begins
    look = "echo LEFT; ls /etc/systemd/system; echo THEN"
    output = bare.run(f"{start}; {count}; webmacs uninstall; {look}; {count}; {STOP}")
    before, then = (re.findall(r"(?m)^\d+$", part) for part in output.split("THEN"))
    if before != then or not before:
        wrong.append(f"Uninstalling without --data has changed the data: {before}, {then}.")
    if "webmacs-sidecar" in output.split("LEFT")[1].split("THEN")[0]:
        wrong.append("Units are left.")
    bare.bring_program_again()
    output = bare.run(f"{start}; {INSTALL}; {count}; webmacs uninstall --data --yes; {STOP}")
    if re.findall(r"(?m)^\d+$", output) != before:
        wrong.append("The next installation has not found the data.")
    left = [name for name in ("etc/webmacs", "var/lib/webmacs", "opt/webmacs/current") if (bare.root / name).exists()]
    return [*wrong, *(f"{name} is left." for name in left)]


def require() -> None:
    if os.geteuid() != 0:
        raise SystemExit("This needs root.")
    missing = [name for name in ("debootstrap", "unshare", "ip") if shutil.which(name) is None]
    if missing:
        raise SystemExit(f"Missing: {', '.join(missing)}; install: apt-get install debootstrap util-linux iproute2")
    if not (PROJECT / "frontend/dist/index.html").exists():
        raise SystemExit("The page is not built; run: make install")
    FOLDER.mkdir(parents=True, exist_ok=True)


def tell(what: str) -> None:
    print(f"--- {time.strftime('%H:%M:%S')} {what}", flush=True)


if __name__ == "__main__":
    main()
