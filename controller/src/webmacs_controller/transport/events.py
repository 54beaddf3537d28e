"""Which event of the server stands for which channel."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping

from webmacs_controller.measuring.loop import Loop
from webmacs_controller.measuring.point import Source
from webmacs_controller.transport.protocol import Welcome

log = logging.getLogger(__name__)


class Events:
    """From a welcome; only enabled events, for the values of others would be refused. `ids` has them by the names of
    instances, and by what stays when these change; `names` leads from the one to the other. `former` are such names of
    another server: what waits for that one goes to this one."""

    def __init__(self, welcome: Welcome, former: Mapping[str, str]) -> None:
        enabled = {event.source: event.event_public_id for event in welcome.events if event.enabled}
        keys = {str(table.get("public_id", "")): str(table.get("name")) for table in welcome.instances or ()}
        self.names: Mapping[str, str] = {key: name for key, name in {**former, **keys}.items() if key}
        also = defaultdict(list)
        for key, name in self.names.items():
            also[name].append(key)
        by_key = {(key, channel): id for (name, channel), id in enabled.items() for key in also[name]}
        self.ids: Mapping[Source, str] = enabled | by_key
        self.sources: Mapping[str, Source] = {event: source for source, event in enabled.items()}

    def log_missing(self, loops: Iterable[Loop]) -> None:
        """Say which instances have channels whose values nobody wants."""
        for instance in (loop.instance for loop in loops):
            missing = [channel for channel in instance.channels if (instance.key, channel) not in self.ids]
            if missing:
                log.warning("%s: disabled on the server, not sent: %s", instance.name, ", ".join(missing))
