"""What the launcher starts of each version where systemd runs the services: it makes the database fit, starts them,
and, of a version that has to prove itself, says when it has."""

import logging
import os
import signal

from webmacs_controller.guard.notify import notify

from webmacs.config import Config
from webmacs.supervisor.signals import Stopped, stoppable
from webmacs.updating.following import follow
from webmacs.updating.installation import require_installation, running
from webmacs.updating.judge import watch
from webmacs.updating.prepare import prepare
from webmacs.updating.room import copying_seconds, get_ready
from webmacs.updating.units import Units

log = logging.getLogger(__name__)


def conduct(config: Config, units: Units) -> None:
    """Until it is told to stop; then all services end. Raises Problem."""
    os.umask(0o022)  # versions are for the accounts of the services, too
    try:
        with stoppable():
            installation = require_installation(
                config, copying_seconds(config), lambda: get_ready(config, units.back_up)
            )
            note, done = prepare(config, installation, running(installation), units.stop)
            for name in done:
                log.info("applied %s", name)
            notify("READY=1")
            units.start()
            if note is not None:
                watch(config, installation, note, log.warning)
            follow(config, installation)
            while True:
                signal.pause()
    except Stopped:
        notify("STOPPING=1")
        units.stop()
