"""Services as their units start them: ready, alive, restarted under load, and nothing is lost."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.sidecar.live import TELEMETRY, Live
from tests.support.database import Database
from tests.systemd.conftest import REST, SIDECARS, Production

RESTART = 1012


def test_every_part_works(production: Production) -> None:
    deadline = time.monotonic() + 30
    while (answer := production.client.get("/health")).status_code != 200:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)
    me = production.client.get("/api/me", headers=production.as_role("viewer"))
    assert me.status_code == 200


@pytest.mark.parametrize("name", [REST, *SIDECARS])
def test_each_says_that_it_lives_more_often_than_it_has_to(name: str, production: Production) -> None:
    service = production.services[name]
    service.hear("WATCHDOG=1", float(service.unit.one("WatchdogSec")) / 3)


def test_secrets_are_in_no_command_line_and_no_environment(production: Production) -> None:
    for service in production.services.values():
        assert service.process is not None
        for file in ("cmdline", "environ"):
            said = Path(f"/proc/{service.process.pid}/{file}").read_bytes()
            assert b"postgresql://webmacs" not in said, service.unit.name


def test_local_services_have_a_socket_of_their_own(production: Production) -> None:
    """Who comes by Apache's is not local."""
    for path, code in ((production.config.server.gateway_socket, 403), (production.config.server.local_socket, 400)):
        transport = httpx.HTTPTransport(uds=str(path))
        with httpx.Client(transport=transport, base_url="http://here", timeout=60) as client:
            assert client.post("/auth/service", json={}).status_code == code


def test_each_sidecar_tells_its_figures_at_a_port_of_its_own(production: Production) -> None:
    for name in SIDECARS:
        port = production.services[name].metrics_port
        said = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=60)
        assert 'webmacs_component_ok{component="database"} 1' in said.text
    assert production.client.get("/metrics").status_code == 404


class Load:
    """Asks the same again and again, and notes what was not answered with 200, and the longest time."""

    def __init__(self, production: Production, path: str) -> None:
        self._production, self._path = production, path
        self.wrong: list[str] = []
        self.times: list[float] = []

    def run(self, until: threading.Event) -> None:
        headers = self._production.as_role("viewer")
        while not until.is_set():
            begin = time.monotonic()
            try:
                answer = self._production.client.get(self._path, headers=headers)
                if answer.status_code != 200:
                    self.wrong.append(f"{answer.status_code}: {answer.text[:200]}")
            except httpx.HTTPError as error:
                self.wrong.append(repr(error))
            self.times.append(time.monotonic() - begin)
            time.sleep(0.005)


class Controller:
    """Sends a point every few milliseconds, and what was not acknowledged again when it is cut."""

    def __init__(self, production: Production, event: str, token: str, trust: ssl.SSLContext) -> None:
        self._event, self._token, self._trust = event, token, trust
        self._url = production.config.server.public_url.replace("https", "wss", 1) + TELEMETRY
        self._start = datetime.now(UTC) - timedelta(hours=1)
        self.sent = self.acknowledged = 0
        self.codes: list[int] = []
        self.longest = 0.0

    def run(self, until: threading.Event) -> None:
        last = time.monotonic()
        while not until.is_set() or self.acknowledged < self.sent:
            try:
                protocols = [Subprotocol("webmacs.v1"), Subprotocol(f"bearer.{self._token}")]
                with connect(self._url, subprotocols=protocols, ssl=self._trust, proxy=None) as socket:
                    while not until.is_set() or self.acknowledged < self.sent:
                        self.sent = max(self.sent, self.acknowledged + 1)
                        socket.send(json.dumps({"seq": self.sent, "datapoints": [self._point(self.sent)]}))
                        while json.loads(socket.recv(30))["type"] != "ack":
                            pass
                        self.acknowledged = self.sent
                        self.longest, last = max(self.longest, time.monotonic() - last), time.monotonic()
                        time.sleep(0.005)
            except ConnectionClosed as closed:
                self.codes.append(closed.rcvd.code if closed.rcvd else 1006)
            except (OSError, WebSocketException):
                self.codes.append(0)

    def _point(self, number: int) -> dict[str, object]:
        instant = self._start + timedelta(milliseconds=number)
        return {"event_public_id": self._event, "value": number % 2, "timestamp": instant.isoformat()}


@contextmanager
def under_load(*works: Callable[[threading.Event], None]) -> Iterator[None]:
    done = threading.Event()
    threads = [threading.Thread(target=work, args=[done]) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_a_rolling_restart_of_the_sidecars_loses_nothing(
    production: Production, database: Database, record_property: Callable[[str, object], None]
) -> None:
    trust = ssl.create_default_context(cafile=str(production.config.gateway.certificate))
    with closing(database.connect()) as superuser:
        live = Live("", production.people, superuser)
        event = live.event()
        controller = Controller(production, event, live.controller.token, trust)
        loads = [Load(production, "/auth/me"), Load(production, "/auth/me"), Load(production, "/api/me")]
        with under_load(controller.run, *(load.run for load in loads)):
            time.sleep(1)
            for name in SIDECARS:
                production.services[name].restart()
                time.sleep(0.5)
        stored = superuser.execute(
            "select count(*) from private.datapoints d join private.events e on e.id = d.event_id"
            " where e.public_id = %s::uuid",
            [event],
        ).fetchone()
    assert [load.wrong for load in loads] == [[], [], []]
    assert stored == (controller.acknowledged,)
    assert controller.acknowledged == controller.sent > 100
    # it was told each time that it was cut, and came back at once
    assert set(controller.codes) <= {RESTART}, controller.codes
    assert controller.codes
    record_property("longest request", max(max(load.times) for load in loads))
    record_property("longest wait for an acknowledgement", controller.longest)


def test_all_sidecars_at_once_keep_requests_waiting_and_answer_them(production: Production) -> None:
    """The queue of the socket is nobody's who ends."""
    load = Load(production, "/auth/me")
    with under_load(load.run):
        for name in SIDECARS:
            production.services[name].stop()
        time.sleep(0.5)
        for name in SIDECARS:
            production.services[name].start()
        time.sleep(0.5)
    assert load.wrong == []


def test_another_postgrest_takes_over_without_a_gap(production: Production) -> None:
    load = Load(production, "/api/me")
    name = production.config.postgrest.socket
    assert name is not None
    with under_load(load.run):
        for _ in range(2):
            before = name.readlink()
            production.services[REST].reload()
            deadline = time.monotonic() + 60
            while name.readlink() == before:
                assert time.monotonic() < deadline, production.services[REST].log()
                time.sleep(0.05)
            time.sleep(0.5)
    assert load.wrong == []
    assert len(load.times) > 50


# of sessions, for the table that another has locked
WAITS = "select count(*) from pg_locks where not granted and relation = 'private.events'::regclass"


def test_what_a_stopped_postgrest_is_about_is_ended_before(production: Production, database: Database) -> None:
    service, answers = production.services[REST], []

    def ask() -> None:
        answers.append(production.client.get("/api/events", headers=production.as_role("viewer")))

    asking = threading.Thread(target=ask)
    with closing(database.connect()) as superuser:
        superuser.execute("begin; lock table private.events in access exclusive mode")
        asking.start()
        while superuser.execute(WAITS).fetchone() != (1,):
            assert asking.is_alive()
        letting_go = threading.Timer(0.2, superuser.rollback)
        letting_go.start()
        service.stop()
        asking.join()
        letting_go.join()
    assert [answer.status_code for answer in answers] == [200]
    refused = production.client.get("/api/me", headers=production.as_role("viewer"))
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    service.start()
    assert production.client.get("/api/me", headers=production.as_role("viewer")).status_code == 200
