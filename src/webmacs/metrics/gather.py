"""All figures: of this process from its parts, of the installation from the database."""

from collections.abc import Iterator

import psycopg
from psycopg_pool import PoolTimeout

from webmacs import __version__
from webmacs.live.live import Live
from webmacs.metrics.figure import Figure, counter, gauge
from webmacs.web.parts import Parts

ASK = "select name, label, value from private.figures()"
MEANINGS = {
    "alarms": "Alarms that are not normal.",
    "alarms_unacknowledged": "Alarms that nobody has acknowledged.",
    "deliveries_waiting": "Deliveries of webhooks that are not finished.",
    "deliveries_oldest_seconds": "Age of the oldest of them.",
    "controllers_connected": "Controllers that are connected, to whichever sidecar.",
    "controllers": "Controllers that are enabled.",
}


async def gather(parts: Parts, live: Live) -> list[Figure]:
    """What the database does not tell now is left out; `webmacs_component_ok` says so."""
    figures = [*_of_process(parts, live), await _health(parts)]
    try:
        async with parts.pool.connection() as connection:
            rows = await (await connection.execute(ASK)).fetchall()
    except (psycopg.Error, PoolTimeout):
        return figures
    found: dict[str, Figure] = {}
    for name, label, value in rows:
        figure = found.setdefault(name, gauge(f"webmacs_{name}", MEANINGS[name]))
        figure.add(value, **({"severity": label} if label else {}))
    return [*figures, *found.values()]


def _of_process(parts: Parts, live: Live) -> Iterator[Figure]:
    yield gauge("webmacs_info", "Which version runs.").add(1, version=__version__)
    committer, intake, hub = live.committer, live.committer.intake, live.hub
    yield counter("webmacs_points_stored_total", "Points that this process has stored.", committer.committed)
    yield committer.seconds.figure("webmacs_commit_seconds", "How long a transaction with points took.")
    yield gauge("webmacs_points_waiting", "Points that wait for the next transaction.", intake.points)
    yield gauge("webmacs_telemetry_sockets", "Sockets of controllers.", intake.sockets)
    yield gauge("webmacs_stream_clients", "Sockets of browsers and programs.", hub.clients)
    yield gauge("webmacs_stream_conflated_clients", "Those too slow, which get fewer values.", hub.conflated)
    stats = parts.pool.get_stats()
    connections = gauge("webmacs_pool_connections", "Connections to the database that requests share.")
    yield connections.add(stats.get("pool_size", 0), state="all").add(stats.get("pool_available", 0), state="free")
    yield gauge("webmacs_pool_waiting", "Requests that wait for one.", stats.get("requests_waiting", 0))


async def _health(parts: Parts) -> Figure:
    figure = gauge("webmacs_component_ok", "1: the part works, as /health says.")
    for name, component in (await parts.health.ask()).items():
        figure.add(float(component.ok), component=name)
    return figure
