"""Which event of the server stands for which channel."""

import logging
from collections.abc import Iterable, Mapping

from webmacs_controller.measuring.loop import Loop
from webmacs_controller.measuring.point import Source
from webmacs_controller.transport.protocol import Welcome

log = logging.getLogger(__name__)


class Events:
    """From a welcome; only enabled events, for the values of others would be refused. `ids` has them by the names of
    instances, and by what stays when these change; `names` leads from the one to the other."""

    def __init__(self, welcome: Welcome) -> None:
        enabled = [event for event in welcome.events if event.enabled]
        keys = {str(table.get("name")): str(table.get("public_id", "")) for table in welcome.instances or ()}
        by_key = {(keys.get(event.instance) or event.instance, event.channel): event for event in enabled}
        by_name = {event.source: event for event in enabled}
        self.names: Mapping[str, str] = {key: name for name, key in keys.items() if key}
        self.ids: Mapping[Source, str] = {source: e.event_public_id for source, e in (by_name | by_key).items()}
        self.sources: Mapping[str, Source] = {event.event_public_id: event.source for event in enabled}

    def log_missing(self, loops: Iterable[Loop]) -> None:
        """Say which instances have channels whose values nobody wants."""
        for instance in (loop.instance for loop in loops):
            missing = [channel for channel in instance.channels if (instance.key, channel) not in self.ids]
            if missing:
                log.warning("%s: disabled on the server, not sent: %s", instance.name, ", ".join(missing))
