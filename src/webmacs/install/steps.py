"""The whole installation, in order. Each step looks how it is, does what is missing, and may be repeated."""

from collections.abc import Iterator

from webmacs.install import apache, database, rest, services, settings, sizes, system
from webmacs.install.cluster import Cluster
from webmacs.install.plan import Plan
from webmacs.install.step import Step


def steps(plan: Plan) -> Iterator[Step]:
    """One after another: a step is made when those before it are done."""
    cluster = Cluster(plan.machine)
    yield system.Packages(plan)  # PostgreSQL, Apache, openssl
    yield system.Program(plan)  # /opt/webmacs/current is the version that runs this
    yield system.command(plan)  # `webmacs`, with this installation's settings
    yield system.Accounts(plan)  # webmacs, webmacs-rest, webmacs-controller
    yield system.Folders(plan)  # /etc/webmacs, /var/lib/webmacs
    yield settings.Configuration(plan)  # config.toml, once; postgrest.conf
    yield rest.PostgREST(plan)  # the program, from npm or as given
    yield database.Server(plan, cluster)  # Debian's cluster runs
    yield sizes.Sizes(plan, cluster)  # what it may have of the memory and the disk
    yield settings.Secrets(plan, cluster)  # a file for each, for systemd to hand out
    yield database.Logins(plan.machine, cluster)  # which account may be which role
    yield database.TheDatabase(plan, cluster)
    yield database.Schema(plan)  # webmacs migrate
    yield settings.Keys(plan)  # what signs tokens
    yield database.Administrator(plan)  # if there is no account
    yield apache.Certificate(plan)  # given, or signed by itself
    yield apache.Modules(plan)
    yield apache.VirtualHost(plan)  # what `webmacs apache` prints
    yield apache.Site(plan)
    yield services.Units(plan)  # systemd/
    yield services.Enabled(plan)  # at each boot
    yield services.Running(plan)  # now, where systemd is the first process
