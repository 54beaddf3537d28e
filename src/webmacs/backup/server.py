"""The database server while it is backed up or restored: the embedded one is started if it does not run."""

from collections.abc import Iterator
from contextlib import contextmanager

from webmacs.config import Config
from webmacs.embedded.cluster import await_former_server, ensure_cluster
from webmacs.embedded.place import find_place
from webmacs.problem import Problem
from webmacs.supervisor import parts
from webmacs.supervisor.answers import postgres_answers
from webmacs.supervisor.crew import Crew
from webmacs.supervisor.once import only_run
from webmacs.supervisor.signals import Stopped, stoppable


@contextmanager
def answering(config: Config) -> Iterator[None]:
    """Inside, the server answers, whether `webmacs up` runs or not."""
    if not config.database.embedded or postgres_answers(config):
        yield
    else:
        with alone(config):
            yield


@contextmanager
def alone(config: Config) -> Iterator[None]:
    """Inside, the server answers and `webmacs up` does not run. Raises Problem if it does."""
    if not config.database.embedded:
        yield
        return
    try:
        with only_run(config.folder), stoppable(), Crew() as crew:
            place = find_place(config)
            ensure_cluster(place, config.database.admin_password)
            await_former_server(place)
            crew.start(parts.postgres(config, place))
            yield
    except Stopped:
        raise Problem("Stopped; nothing was changed.") from None
