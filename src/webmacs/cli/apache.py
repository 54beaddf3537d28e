"""`webmacs apache`"""

import click

from webmacs.cli.options import pass_config
from webmacs.config import Config
from webmacs.gateway.apache import virtual_host


@click.command()
@pass_config
def apache(config: Config) -> None:
    """Print Apache's virtual host, as the configuration wants it (docs/production.md).

    \b
      webmacs apache > /etc/apache2/sites-available/webmacs.conf
      a2ensite webmacs && apachectl configtest && systemctl reload apache2
    """
    click.echo(virtual_host(config), nl=False)
