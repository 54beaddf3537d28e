"""Who can come in at this moment, and who tries to."""

import psycopg

from webmacs.config import Config
from webmacs.doctor.database import PATIENCE
from webmacs.doctor.result import Result

TOKENS = """
    select format('%s sessions; %s tokens of programs, %s of them administrators''; %s of controllers',
                  count(*) filter (where kind = 'session'),
                  count(*) filter (where kind = 'api_token'),
                  count(*) filter (where kind = 'api_token' and role = 'admin'),
                  count(*) filter (where kind = 'controller_token'))
      from private.credentials where revoked_at is null and expires_at > now()
"""
ATTEMPTS = """
    select format('%s logins failed in a day; %s accounts or addresses have to wait now',
                  (select count(*) from private.login_failures where failed_at > now() - interval '1 day'),
                  (select count(*) from private.login_limits c join private.limits() m using (kind)
                    where private.limit_wait(c.level, m.free, m.longest, c.counted_at) > 0))
"""


def tokens(config: Config) -> Result:
    """Which tokens count; `webmacs token list` has each of them, with its last use."""
    return Result("tokens", _ask(config, TOKENS))


def attempts(config: Config) -> Result:
    """Whether somebody tries passwords."""
    return Result("attempts", _ask(config, ATTEMPTS))


def _ask(config: Config, statement: str) -> str:
    with psycopg.connect(config.database.admin_uri, connect_timeout=PATIENCE) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return str(row[0]) if row else ""
