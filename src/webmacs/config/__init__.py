"""Settings: config.default.toml < config.toml < WEBMACS_SECTION_KEY, into frozen dataclasses."""

from webmacs.config.loader import ConfigError, load_config
from webmacs.config.sections import (
    Auth,
    Config,
    Controller,
    Database,
    Ingest,
    Log,
    Postgrest,
    Server,
    Stream,
    Webhooks,
)

__all__ = [
    "Auth",
    "Config",
    "ConfigError",
    "Controller",
    "Database",
    "Ingest",
    "Log",
    "Postgrest",
    "Server",
    "Stream",
    "Webhooks",
    "load_config",
]
