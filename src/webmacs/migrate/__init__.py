"""Applies db/ to a database: `webmacs migrate`. db/apply.sh does the same with psql; either may follow the other."""

from webmacs.migrate.create import create_database
from webmacs.migrate.runner import MigrationError, migrate
from webmacs.migrate.status import FileState, status

__all__ = ["FileState", "MigrationError", "create_database", "migrate", "status"]
