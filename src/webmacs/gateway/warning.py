"""Tells people in time that the certificate ends: in the log on the page, for nobody reads what a timer has said."""

from collections.abc import Callable

from webmacs.cli.owner import owner
from webmacs.config import Config
from webmacs.gateway.certificate import ADVICE, ends, shown

# Once a week is enough: it is asked each night, for a month.
WRITE = """
    select private.write_log('warning', %s, 'certificate')
     where not exists (select from private.log_entries
                        where source = 'certificate' and created_at > now() - interval '7 days')
"""


def of_certificate(config: Config, say: Callable[[str], object]) -> None:
    """Raises Problem if the database is away."""
    found = shown(config)
    if found is None or (said := ends(found)) is None:
        return
    text = (
        f"The certificate of {config.server.public_url} {said}; browsers and controllers are shut out then. {ADVICE}."
    )
    say(text)
    with owner(config) as connection:
        connection.execute(WRITE, [text])
