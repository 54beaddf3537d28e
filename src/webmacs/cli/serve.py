"""`webmacs serve`"""

import click

from webmacs.cli.options import pass_config
from webmacs.config import Config
from webmacs.web.server import serve as run


@click.command()
@click.option("--debug", is_flag=True, help="Log everything, to this console.")
@pass_config
def serve(config: Config, debug: bool) -> None:
    """Run the sidecar alone: login, WebSockets, the page. PostgreSQL and PostgREST run elsewhere.

    `webmacs up` runs all parts together; this is for a service manager, or to look at one part:

    \b
      webmacs serve --debug
    """
    run(config, debug)
