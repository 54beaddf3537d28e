"""What is done to the parts under load, and what is counted of it."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field

import psutil

from tests.production.load import Asking, Controller, Tally, Watching, Writing, judged
from tests.production.plant import CONTROLLER, REST, SIDECARS, URL, Plant, new_event

CALM = 3.0  # seconds before each, in which all has to be well
LONGEST = 120.0  # seconds after which all has to be well again

Do = Callable[[Plant], None]


@dataclass
class Loads:
    """All that is asked at the same time."""

    writing: Writing
    controller: Controller
    others: list[Asking | Watching]

    @property
    def tallies(self) -> list[Tally]:
        return [one.tally for one in (*self.others, self.writing, self.controller)]

    @contextmanager
    def running(self) -> Iterator[None]:
        done = threading.Event()
        works = (*self.others, self.writing, self.controller)
        threads = [threading.Thread(target=work.run, args=[done], daemon=True) for work in works]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            done.set()
            for thread in threads:
                thread.join(60)


@dataclass
class Blow:
    """One thing that was done: the longest time without a right answer of each kind, in seconds."""

    name: str
    begin: float
    end: float
    interruptions: dict[str, float] = field(default_factory=dict)


def loads(plant: Plant) -> Loads:
    """The page, PostgREST, a sidecar, both sockets; a viewer, an operator and a controller."""
    viewer, operator = plant.headers("viewer"), plant.headers("operator")
    socket = URL.replace("https", "wss")

    def page() -> Asking:
        return Asking(Tally("page"), plant.client, lambda c: judged(c.get("/"), lambda a: "<div id=" in a.text))

    def rest() -> Asking:
        def right(answer: object) -> bool:
            return "admin" in str(getattr(answer, "text", ""))

        return Asking(Tally("REST"), plant.client, lambda c: judged(c.get("/api/me", headers=viewer), right))

    def sidecar() -> Asking:
        def right(answer: object) -> bool:
            return "admin" in str(getattr(answer, "text", ""))

        return Asking(Tally("sidecar"), plant.client, lambda c: judged(c.get("/auth/me", headers=viewer), right))

    sender = Controller(
        Tally("values"), f"{socket}/ws/controller/telemetry", plant.trust, new_event(plant), plant.tokens["sender"]
    )
    watching = Watching(Tally("stream"), f"{socket}/ws/datapoints/stream", plant.trust, plant.tokens["viewer"])
    return Loads(
        Writing(Tally("writing"), plant.client, operator, plant.name), sender, [page(), rest(), sidecar(), watching]
    )


def first(processes: Sequence[psutil.Process]) -> Sequence[psutil.Process]:
    return processes[:1]


def child(processes: Sequence[psutil.Process]) -> Sequence[psutil.Process]:
    return processes[1:2]


def youngest(processes: Sequence[psutil.Process]) -> Sequence[psutil.Process]:
    return [max(processes, key=lambda process: process.create_time())]


def backend(processes: Sequence[psutil.Process]) -> Sequence[psutil.Process]:
    """One that works for a sidecar."""
    found = []
    for process in processes[1:]:
        with suppress(psutil.NoSuchProcess):
            if "webmacs_sidecar" in " ".join(process.cmdline()):
                found.append(process)
    return found[:1]


def killed(*names: str, which: Callable[[list[psutil.Process]], Sequence[psutil.Process]] = first) -> Do:
    def do(plant: Plant) -> None:
        for name in names:
            plant.parts[name].kill(which)

    return do


def restarted(*names: str) -> Do:
    """As `systemctl restart`, one after another."""

    def do(plant: Plant) -> None:
        for name in names:
            plant.parts[name].stop()
            plant.parts[name].start()

    return do


def reloaded(plant: Plant) -> None:
    service = plant.parts[REST]
    service.processes()[0].send_signal(1)
    time.sleep(10)


def graceful(plant: Plant) -> None:
    plant.host.run("/usr/sbin/apachectl", "graceful")


BLOWS: list[tuple[str, Do]] = [
    ("nothing", lambda _: time.sleep(5)),
    ("kill -9 the first sidecar", killed(SIDECARS[0])),
    ("kill -9 the second sidecar", killed(SIDECARS[1])),
    ("kill -9 both sidecars", killed(*SIDECARS)),
    ("kill -9 PostgREST", killed(REST, which=child)),
    ("kill -9 what watches PostgREST", killed(REST)),
    ("kill -9 a sidecar's backend of PostgreSQL", killed("PostgreSQL", which=backend)),
    ("kill -9 PostgreSQL", killed("PostgreSQL")),
    ("kill -9 a process of Apache", killed("Apache", which=child)),
    ("kill -9 Apache", killed("Apache")),
    ("kill -9 the controller", killed(CONTROLLER, which=youngest)),
    ("kill -9 the controller with its launcher", killed(CONTROLLER)),
    ("kill -9 everything at once", killed("Apache", "PostgreSQL", REST, *SIDECARS, CONTROLLER)),
    ("restart the sidecars, one after another", restarted(*SIDECARS)),
    ("reload PostgREST", reloaded),
    ("reload Apache", graceful),
    ("restart PostgREST", restarted(REST)),
    ("restart PostgreSQL", restarted("PostgreSQL")),
    ("restart Apache", restarted("Apache")),
]


def strike(plant: Plant, under: Loads, name: str, do: Do) -> Blow:
    """Do it, and wait until all is well again. Raises TimeoutError if that does not come about."""
    time.sleep(CALM)
    begin = time.monotonic()
    wall = time.time()
    do(plant)
    done, deadline = time.monotonic(), time.monotonic() + LONGEST
    while not all(tally.has_answered_since(done) for tally in under.tallies) or not all(
        part.ready.is_set() for part in plant.parts.values()
    ):
        if time.monotonic() > deadline:
            silent = [tally.name for tally in under.tallies if not tally.has_answered_since(done)]
            parts = [part.name for part in plant.parts.values() if not part.ready.is_set()]
            raise TimeoutError(f"{LONGEST:g} s after `{name}` there is no answer of {silent}, and not ready: {parts}")
        time.sleep(0.1)
    time.sleep(1)
    end = time.monotonic()
    return Blow(name, wall, time.time(), {tally.name: tally.interruption(begin, end) for tally in under.tallies})


def counted(plant: Plant, under: Loads) -> dict[str, int]:
    """What was acknowledged, and what there is of it."""
    sender = under.controller
    event = f"(select id from private.events where public_id = '{sender.point(1)['event_public_id']}')"
    values = plant.sql(
        f"select count(*) filter (where value <= {sender.acknowledged}), count(distinct value) filter (where value <="
        f" {sender.acknowledged}) from private.datapoints where event_id = {event}"
    ).split("|")
    rows = plant.sql(f"select message from private.log_entries where message like '{plant.name} %'").split("\n")
    lost = set(under.writing.acknowledged) - set(rows)
    return {
        "values acknowledged": sender.acknowledged,
        "values stored": int(values[0]),
        "different values stored": int(values[1]),
        "log entries acknowledged": len(under.writing.acknowledged),
        "log entries lost": len(lost),
        "log entries twice": len(rows) - len(set(rows)),
    }


def measured_gap(plant: Plant, blow: Blow) -> float:
    """The longest time between two values of the simulated reactor's, which is read ten times in a second."""
    said = plant.sql(
        "select coalesce(extract(epoch from max(gap)), 0) from ("
        " select d.ts, d.ts - lag(d.ts) over (order by d.ts) as gap from private.datapoints d"
        " where d.event_id = (select m.event_id from private.channel_mappings m join private.plugin_instances i"
        "   on i.id = m.plugin_instance_id where i.plugin = 'simulated' and m.event_id is not null"
        "   order by m.id limit 1)) gaps"
        f" where ts between to_timestamp({blow.begin}) and to_timestamp({blow.end})"
    )
    return float(said)


def as_json(blows: Sequence[Blow], under: Loads, count: dict[str, int], gaps: dict[str, float]) -> dict[str, object]:
    return {
        "blows": [asdict(blow) | {"measured": gaps[blow.name]} for blow in blows],
        "count": count,
        "answers": {
            tally.name: {
                "good": len(tally.good),
                "refused": dict(tally.refused),
                "cut": dict(tally.cut),
                "wrong": tally.wrong[:20],
            }
            for tally in under.tallies
        },
    }
