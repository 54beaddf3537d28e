"""Whether the local services of the configuration can act, and as what they are meant to."""

import psycopg

from webmacs.config import Config, Service
from webmacs.doctor.database import PATIENCE
from webmacs.doctor.result import Result

NAME = "local services"
WHO = """
    select lower(username), role::text from private.users
     where state = 'active' and lower(username) = any(%s)
"""
RANKS = ("viewer", "operator", "admin")


def local_services(config: Config) -> Result:
    """Each acts for a user who is active and may do as much; no two share a key."""
    if not config.services:
        return Result(NAME, "there are none")
    with psycopg.connect(config.database.admin_uri, connect_timeout=PATIENCE) as connection:
        rows = connection.execute(WHO, [[service.user.lower() for service in config.services]]).fetchall()
    roles: dict[str, str] = dict(rows)
    problems = [said for service in config.services if (said := _problem(service, roles) or _shared(service, config))]
    if problems:
        return Result(NAME, "; ".join(problems), "Correct [[services]] in config.toml, or the accounts; restart.")
    return Result(NAME, f"{', '.join(service.name for service in config.services)} may act for their users")


def _problem(service: Service, roles: dict[str, str]) -> str | None:
    role = roles.get(service.user.lower())
    if role is None:
        return f"{service.name} gets no token: its user {service.user} is not there or not active"
    if RANKS.index(role) < RANKS.index(service.role):
        return f"{service.name} acts as {role} and not as {service.role}, for that is what {service.user} is"
    return None


def _shared(service: Service, config: Config) -> str | None:
    """One of two that share a key can sign as the other."""
    others = [other.name for other in config.services if other.key == service.key and other.name > service.name]
    return f"{service.name} has the key of {others[0]}" if others else None
