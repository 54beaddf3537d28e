"""Being asked to stop."""

import os
import signal
import weakref

import pytest

from webmacs.supervisor.signals import Stopped, stoppable


def stop_us(_: object) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


class Thing:
    """Something that can be referred to weakly."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_stop_that_python_swallows_is_raised_again() -> None:
    with pytest.raises(Stopped), stoppable():
        wait_for_a_stop_that_gets_lost()


def wait_for_a_stop_that_gets_lost() -> None:
    thing = Thing()
    reference = weakref.ref(thing, stop_us)
    del thing
    assert reference() is None
    signal.pause()
