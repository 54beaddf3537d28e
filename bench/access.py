"""What it costs that every request is checked, and every row."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import jwt
import psycopg

from bench.reads import fill
from bench.report import Row, middle, runs
from bench.stack import Stack, free_ports
from webmacs.config import Config
from webmacs.embedded.postgrest import write_conf
from webmacs.supervisor import parts
from webmacs.supervisor.part import Running

ROUNDS = 7
SECONDS = 4.0
CHECK_GOAL_MS = 0.3
RLS_GOAL = 1.3
TAKE_CLAIMS = "select set_config('request.jwt.claims', %s, false)"
# over the points of 100 events
QUERIES = {
    "mean of each event, all points": "select event_id, avg(value) from api.datapoints group by event_id",
    "hours of one event": """
        select date_bin('1 hour', ts, 'epoch'), min(value), max(value) from api.datapoints
         where event_id = {event} group by 1""",
    "newest 1 000 points of one event": """
        select ts, value from api.datapoints where event_id = {event} order by ts desc limit 1000""",
    "rpc/series of ten events": "select api.series({ten}, now() - interval '1 day', now())",
    "newest values": "select event_public_id, value from api.latest",
}


def measure(stack: Stack) -> list[Row]:
    """The rows of this group; it fills the database with a million points."""
    points = fill(stack, 1)
    return [_check(stack), *_rows(stack, points)]


def _check(stack: Stack) -> Row:
    """The same request by two PostgRESTs in turn, one of which does not ask."""
    path, token = f"/events?id=eq.{stack.seed.event_ids[0]}", stack.seed.viewer_token
    with _without_check(stack.config) as port:
        ports = [port, stack.config.postgrest.port]
        rounds = [
            stack.load("alternately", ports=ports, path=path, token=token, seconds=SECONDS)["p50"]
            for _ in range(ROUNDS)
        ]
    added = [checked - unchecked for unchecked, checked in rounds]
    return Row(
        "the check before a request adds, PostgREST, one event by id, one client",
        f"under {CHECK_GOAL_MS:g} ms",
        f"{runs(added, 2)} ms; {middle([unchecked for unchecked, _ in rounds]):.2f} ms without",
        middle(added) < CHECK_GOAL_MS,
    )


@contextmanager
def _without_check(config: Config) -> Iterator[int]:
    """The port of another PostgREST that takes every token whose signature is right."""
    folder = config.folder / "unchecked"
    (folder / "var/log").mkdir(parents=True)
    port, admin_port = free_ports(2)
    own = replace(config.postgrest, port=port, admin_port=admin_port)
    config = replace(config, file=folder / "config.toml", postgrest=own)
    _remove_check(write_conf(config))
    running = Running(parts.postgrest(config))
    try:
        running.wait_until_ready()
        yield port
    finally:
        running.stop()


def _remove_check(conf: Path) -> None:
    text, count = re.subn("(?m)^db-pre-request.*$", "", conf.read_text())
    assert count == 1
    conf.write_text(text)


def _rows(stack: Stack, points: int) -> list[Row]:
    """Each query as a viewer and as the owner, whom no policy binds, alternately."""
    events = stack.seed.event_ids
    claims = jwt.decode(stack.seed.viewer_token, options={"verify_signature": False})
    database = stack.config.database
    with (
        psycopg.connect(database.authenticator_uri, autocommit=True) as viewer,
        psycopg.connect(database.admin_uri, autocommit=True) as owner,
    ):
        viewer.execute(TAKE_CLAIMS, [json.dumps(claims)])
        viewer.execute("set role webmacs_viewer")
        owner.execute("set role webmacs_owner")
        owner.execute("set jit = off")  # as PostgREST's login has it
        return [
            _row(name, points, viewer, owner, query.format(event=events[0], ten=f"array{events[:10]}"))
            for name, query in QUERIES.items()
        ]


def _row(name: str, points: int, viewer: psycopg.Connection, owner: psycopg.Connection, query: str) -> Row:
    _seconds(viewer, query), _seconds(owner, query)  # the first reads the catalogue
    pairs = [(_seconds(viewer, query), _seconds(owner, query)) for _ in range(ROUNDS)]
    factors = [bound / free for bound, free in pairs]
    return Row(
        f"row-level security, {points / 1e6:.0f} million points: {name}",
        f"at most {RLS_GOAL:g} times",
        f"{runs(factors, 2)} times; {middle([free for _, free in pairs]) * 1000:.2f} ms without",
        middle(factors) <= RLS_GOAL,
    )


def _seconds(connection: psycopg.Connection, query: str) -> float:
    """The quickest of three: what else the machine does is not asked for."""
    taken = []
    for _ in range(3):
        begin = time.perf_counter()
        connection.execute(query.encode()).fetchall()
        taken.append(time.perf_counter() - begin)
    return min(taken)
