"""All figures: of this process from its parts, of the installation from the database."""

import asyncio
from collections.abc import Iterator

import psycopg
from psycopg_pool import PoolTimeout

from webmacs import __version__
from webmacs.backup.make import listed
from webmacs.config import Config
from webmacs.database import Pool
from webmacs.gateway.certificate import lately_shown
from webmacs.live.live import Live
from webmacs.metrics import process
from webmacs.metrics.figure import Figure, by_label, counter, gauge
from webmacs.metrics.traffic import Traffic
from webmacs.web.parts import Parts

ASK = "select name, label, value from private.figures()"
MEANINGS = {
    "alarms": "Alarms that are not normal.",
    "alarms_unacknowledged": "Alarms that nobody has acknowledged.",
    "deliveries_waiting": "Deliveries of webhooks that are not finished.",
    "deliveries_oldest_seconds": "Age of the oldest of them.",
    "controllers_connected": "Controllers that are connected, to whichever sidecar.",
    "controllers": "Controllers that are enabled.",
    "commands_waiting": "Commands that are not sent or not answered.",
    "rollups_behind_seconds": "Time that is over and has no rollups yet.",
    "partitions_ahead_seconds": "Time from now on for which there are partitions.",
    "installed_time_seconds": "When the database was made, in seconds since 1970.",
    "disk_level": "0: there is room; 1: people are warned; 2: what may go goes; 3: no values are taken.",
    "stored_bytes": "What all tables take, reported hourly.",
}


async def gather(parts: Parts, live: Live, traffic: Traffic) -> list[Figure]:
    """What the database does not tell now is left out; `webmacs_component_ok` says so."""
    figures = [
        gauge("webmacs_info", "Which version runs.").add(1, version=__version__),
        *_of_values(live),
        *_of_webhooks(live),
        *_of_pool(parts.pool),
        *_of_disk(live),
        *await asyncio.to_thread(_of_backups, parts.config),  # a share may be slow
        *await asyncio.to_thread(_of_certificate, parts.config),
        *traffic.figures(),
        *process.figures(),
        await _health(parts),
    ]
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


def _of_values(live: Live) -> Iterator[Figure]:
    committer, intake, hub = live.committer, live.committer.intake, live.hub
    yield counter("webmacs_points_stored_total", "Points that this process has stored.", committer.committed)
    refused = counter("webmacs_points_refused_total", "Points that were not stored, by reason.")
    yield by_label(refused, "reason", committer.refused)
    yield committer.seconds.figure("webmacs_commit_seconds", "How long a transaction with points took.")
    yield gauge("webmacs_points_waiting", "Points that wait for the next transaction.", intake.points)
    yield gauge("webmacs_points_waiting_limit", "How many may wait; then sockets are not read.", intake.most_points)
    yield gauge("webmacs_telemetry_sockets", "Sockets of controllers.", intake.sockets)
    yield gauge("webmacs_stream_clients", "Sockets of browsers and programs.", hub.clients)
    yield gauge("webmacs_stream_conflated_clients", "Those too slow, which get fewer values.", hub.conflated)
    yield counter("webmacs_stream_conflated_values_total", "Values that were skipped for newer ones.", hub.skipped)


def _of_webhooks(live: Live) -> Iterator[Figure]:
    attempts = counter("webmacs_delivery_attempts_total", "Calls of webhooks that this process has made, by outcome.")
    yield by_label(attempts, "outcome", live.courier.attempts)
    yield gauge("webmacs_deliveries_under_way", "Calls that it is making.", live.courier.under_way)


def _of_pool(pool: Pool) -> Iterator[Figure]:
    stats = pool.get_stats()
    connections = gauge("webmacs_pool_connections", "Connections to the database that requests share.")
    yield connections.add(stats.get("pool_size", 0), state="all").add(stats.get("pool_available", 0), state="free")
    yield gauge("webmacs_pool_connections_limit", "How many there may be.", stats.get("pool_max", 0))
    yield gauge("webmacs_pool_waiting", "Requests that wait for one.", stats.get("requests_waiting", 0))
    yield counter("webmacs_pool_requests_total", "Times that one was asked for.", stats.get("requests_num", 0))
    waited = stats.get("requests_wait_ms", 0) / 1000
    yield counter("webmacs_pool_wait_seconds_total", "Time that these waited in all.", waited)
    yield counter("webmacs_pool_timeouts_total", "Times that none was to be had.", stats.get("requests_errors", 0))


def _of_disk(live: Live) -> Iterator[Figure]:
    """Where it can be seen."""
    if room := live.disk.room:
        yield gauge("webmacs_disk_bytes", "What the disk of the database holds.", room.total)
        yield gauge("webmacs_disk_free_bytes", "What is free on it.", room.free)


def _of_backups(config: Config) -> list[Figure]:
    """Where there are any."""
    try:
        newest = max((path.stat().st_mtime for path in listed(config.backup.dir)), default=None)
    except OSError:
        return []
    if newest is None:
        return []
    return [gauge("webmacs_backup_time_seconds", "When the newest backup was made, in seconds since 1970.", newest)]


def _of_certificate(config: Config) -> list[Figure]:
    """Where somebody shows one at the public address."""
    if (found := lately_shown(config)) is None:
        return []
    end = found.not_valid_after_utc.timestamp()
    return [gauge("webmacs_certificate_end_time_seconds", "When that of the page ends, in seconds since 1970.", end)]


async def _health(parts: Parts) -> Figure:
    figure = gauge("webmacs_component_ok", "1: the part works, as /health says.")
    for name, component in (await parts.health.ask()).items():
        figure.add(float(component.ok), component=name)
    return figure
