"""`python -m tests.production.trial ROOT PASSWORD FILE [STRIKE…]`, in name spaces of its own (enter.sh --apart).

Everything runs, is tried from end to end, is struck part by part under load; FILE gets what was counted.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.production import kills
from tests.production.host import PATH
from tests.production.plant import CONTROLLER, PROGRAM, URL, Plant, boot, connect
from tests.production.spki import spki

PAGE = Path(__file__).parents[1] / "browser/page"
# Those that need nothing but what `webmacs up` makes, too.
PLAYED = ("sign-in", "overview", "log", "users", "explore", "controls", "events")
CHROMIUM = "/usr/bin/chromium"


def gateway(plant: Plant) -> list[str]:
    """What is wrong with what Apache answers."""
    client = plant.client
    wrong: list[str] = []
    asked = [
        ("plain HTTP leads to TLS", httpx.get("http://localhost/x", trust_env=False), 301),
        ("the page", client.get("/"), 200),
        ("an address of the page", client.get("/alarms"), 200),
        ("REST without a token", client.get("/api/events"), 401),
        ("REST with one", client.get("/api/events", headers=plant.headers("viewer")), 200),
        ("what a viewer may not", client.post("/api/log_entries", json={}, headers=plant.headers("viewer")), 403),
        ("figures are for this machine", client.get("/metrics"), 404),
        ("another name", client.get("/", headers={"Host": "evil.example"}), 421),
        ("documentation", client.get("/docs"), 200),
    ]
    wrong += [
        f"{name}: {answer.status_code} {answer.text[:200]}"
        for name, answer, code in asked
        if answer.status_code != code
    ]
    if "frame-ancestors 'none'" not in asked[1][1].headers.get("Content-Security-Policy", ""):
        wrong.append("the page has no policy")
    return [*wrong, *_health(client)]


def doctor(plant: Plant) -> list[str]:
    """What `webmacs doctor` complains of, as root runs it."""
    command = ["/usr/sbin/chroot", str(plant.host.root), PROGRAM, "doctor", "--json"]
    said = subprocess.run(command, env={"PATH": PATH, "LANG": "C.UTF-8"}, capture_output=True, text=True, check=False)
    if not said.stdout.startswith("["):
        return [said.stdout + said.stderr]
    return [f"doctor, {one['name']}: {one['found']}" for one in json.loads(said.stdout) if not one["ok"]]


def _health(client: httpx.Client) -> list[str]:
    """What is still not well after a while."""
    deadline = time.monotonic() + 30
    while (answer := client.get("/health")).status_code != 200 or '"ok":false' in answer.text.replace(" ", ""):
        if time.monotonic() > deadline:
            return [f"health: {answer.text}"]
        time.sleep(0.5)
    return []


def browser(plant: Plant, password: str) -> dict[str, bool]:
    """The tests of the page, in Chromium, through Apache and TLS."""
    if not Path(CHROMIUM).exists() or shutil.which("node") is None:
        raise RuntimeError("The page is tried with Chromium and Node.js 20: apt-get install chromium nodejs")
    certificate = plant.host.path("/etc/webmacs/tls/certificate.pem")
    environment = {
        **os.environ,
        "CHROMIUM": CHROMIUM,
        "WEBMACS_URL": URL,
        "WEBMACS_USERNAME": "admin",
        "WEBMACS_PASSWORD": password,
        "WEBMACS_SPKI": spki(certificate),
        "NODE_EXTRA_CA_CERTS": str(certificate),
    }
    found = {}
    for name in PLAYED:
        command = ["node", "--test", "--test-timeout=240000", str(PAGE / f"{name}.test.mjs")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        found[name] = done.returncode == 0
        print(f"  page, {name}: {'right' if found[name] else 'WRONG'}", flush=True)
        if done.returncode:
            print((done.stdout + done.stderr)[-4000:], flush=True)
    return found


def main(root: str, password: str, file: str, *chosen: str) -> None:
    host, parts = boot(Path(root))
    print("  everything runs", flush=True)
    plant = connect(host, parts, password)
    _demo(plant)
    wrong = gateway(plant)
    print(f"  gateway: {wrong or 'right'}", flush=True)
    examined = doctor(plant)
    print(f"  webmacs doctor: {examined or 'right'}", flush=True)
    pages = browser(plant, password) if "browser" in chosen or not chosen else {}
    under, blows = kills.loads(plant), []
    with under.running():
        for name, do in kills.BLOWS:
            if not chosen or any(word in name for word in chosen):
                blows.append(kills.strike(plant, under, name, do))
                longest = max(blows[-1].interruptions.values())
                print(f"  {name}: back, {longest:.1f} s at most", flush=True)
        time.sleep(5)
    time.sleep(5)  # what the controller has kept arrives
    gaps = {blow.name: kills.measured_gap(plant, blow) for blow in blows}
    found = kills.as_json(blows, under, kills.counted(plant, under), gaps) | {
        "gateway": [*wrong, *examined],
        "page": pages,
    }
    Path(file).write_text(json.dumps(found, indent=2))
    for part in reversed(parts.values()):
        part.stop()


def _demo(plant: Plant) -> None:
    """Rules and a dashboard, as `webmacs up` makes them, when the controller has been heard."""
    deadline = time.monotonic() + 60
    while plant.sql("select count(*) from private.channel_mappings where event_id is not null").strip() in ("0", ""):
        if time.monotonic() > deadline:
            raise TimeoutError(f"The controller was not heard: {plant.parts[CONTROLLER].log()[-2000:]}")
        time.sleep(0.2)
    program = (
        "from webmacs.config import load_config; from webmacs.supervisor.first_time import ensure_demo;"
        " ensure_demo(load_config())"
    )
    uri = "postgresql:///webmacs?host=/run/postgresql"
    uris = [f"WEBMACS_DATABASE_{name}={uri}" for name in ("URI", "AUTHENTICATOR_URI", "ADMIN_URI")]
    python = "/opt/webmacs/current/bin/python"
    environment = ["WEBMACS_DATABASE_EMBEDDED=false", *uris]
    plant.host.run("runuser", "-u", "postgres", "--", "/usr/bin/env", *environment, python, "-c", program)


if __name__ == "__main__":
    main(*sys.argv[1:])
