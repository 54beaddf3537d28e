"""PostgreSQL's settings by the memory and the disk of this machine (docs/production.md)."""

from pathlib import Path

from webmacs.embedded.sizing import fragment, of_this_machine
from webmacs.install.cluster import Cluster
from webmacs.install.files import File, Files
from webmacs.install.plan import Plan
from webmacs.install.step import Found
from webmacs.install.system import IMAGE

DATA = Path("/var/lib/postgresql")


class Sizes(Files):
    """What `webmacs database-settings` prints, in a file of its own; PostgreSQL is restarted when it has changed."""

    def __init__(self, plan: Plan, cluster: Cluster) -> None:
        self._cluster = cluster
        file = File(cluster.sizes, fragment(of_this_machine(DATA)))
        super().__init__("database settings", plan.machine, [file], plan.force)

    def look(self) -> Found:
        return super().look() if self._machine.live else Found(left_out=IMAGE)

    def do(self) -> None:
        before = self._content()
        super().do()
        if self._content() != before:
            self._cluster.restart()

    def _content(self) -> bytes:
        path = self._machine.path(self._files[0].path)
        return path.read_bytes() if path.exists() else b""
