"""Tells the database what it needs to know of the configuration."""

import psycopg
from psycopg.types.json import Jsonb

from webmacs.config import Config


def configure(connection: psycopg.Connection, config: Config) -> None:
    """Call private.configure, as the owner."""
    settings = {
        "issuer": config.auth.issuer,
        "audience": config.auth.audience,
        "past_days": config.ingest.past_days,
        "future_seconds": config.ingest.future_seconds,
        "partition_days": config.ingest.partition_days,
        "partitions_ahead": config.ingest.partitions_ahead,
        "audit_days": config.audit.keep_days,
        "ota_second_person": config.ota.second_person,
        "disk_warn_percent": config.storage.warn_percent,
        "disk_thin_percent": config.storage.thin_percent,
        "disk_refuse_percent": config.storage.refuse_percent,
        "disk_reserve_bytes": config.storage.reserve_megabytes * 1_000_000,
    }
    connection.execute("select private.configure(%s)", (Jsonb(settings),))
