"""How the outputs are taken over from the process before, whatever has become of that."""

import asyncio

from webmacs_controller.safety.past import Past
from webmacs_controller.safety.record import Left, Record
from webmacs_controller.safety.safeguard import SILENT_SECONDS, Heritage, Safeguard
from webmacs_controller.safety.tie import Tie
from webmacs_controller.safety.troubles import Troubles

KILLED = "the controller had ended before they were safe (killed, or the power cut)"
UNFINISHED = "the controller was killed before it was there"


def begin(left: Left, past: Past | None, record: Record, troubles: Troubles | None = None) -> Safeguard:
    """Time-outs go on from `past`, where that is known, so a process that is begun anew at once disturbs nothing. Where
    it is not known and the last one has not said that all is safe, nobody can tell for how long outputs were left
    alone: they count as left alone for too long. Else time-outs begin now."""
    now = asyncio.get_running_loop().time()
    server = Tie("the server was not heard", now if past is None else min(now, past.server), SILENT_SECONDS)
    devices = past.devices if past is not None else {}
    overdue = "" if left.clean or past is not None else KILLED
    unfinished = dict.fromkeys(left.unfinished, UNFINISHED)
    touched = not left.clean or past is not None
    return Safeguard(server, record, Heritage(devices, touched, overdue, unfinished, troubles or Troubles()))
