"""Settings: config.default.toml < config.toml < WEBMACS_SECTION_KEY, into frozen dataclasses."""

from webmacs.config.loader import ConfigError, load_config
from webmacs.config.sections import (
    Auth,
    Config,
    Controller,
    Database,
    Gateway,
    Ingest,
    Limits,
    Log,
    Plugins,
    Postgrest,
    Server,
    Storage,
    Stream,
    Webhooks,
)
from webmacs.config.services import Service
from webmacs.config.sso import Sso

__all__ = [
    "Auth",
    "Config",
    "ConfigError",
    "Controller",
    "Database",
    "Gateway",
    "Ingest",
    "Limits",
    "Log",
    "Plugins",
    "Postgrest",
    "Server",
    "Service",
    "Sso",
    "Storage",
    "Stream",
    "Webhooks",
    "load_config",
]
