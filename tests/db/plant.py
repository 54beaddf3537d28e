"""Events and channels to measure."""

import itertools

from tests.support.people import Caller
from tests.support.postgres import Connection

_numbers = itertools.count(1)


class Plant:
    """Makes what a controller measures; each call makes something new."""

    def __init__(self, superuser: Connection) -> None:
        self._superuser = superuser

    def event(self, name: str | None = None) -> int:
        """An event that no channel feeds."""
        return self._number(
            "insert into private.events (name, unit, min_value, max_value) values (%s, 'V', 0, 1) returning id",
            name or f"event {next(_numbers)}",
        )

    def event_of(self, controller: Caller) -> int:
        """An event that a channel of this controller feeds."""
        event = self.event()
        instance = self._number(
            "insert into private.plugin_instances (controller_id, name, plugin) values (%s, %s, 'p') returning id",
            controller.id,
            f"instance {next(_numbers)}",
        )
        self._number(
            "insert into private.channel_mappings (plugin_instance_id, channel, channel_name, unit, event_id)"
            " values (%s, 'c', 'c', 'V', %s) returning id",
            instance,
            event,
        )
        return event

    def disable_instance_of(self, event: int) -> None:
        """Disable the plugin instance whose channel feeds this event."""
        self._superuser.execute(
            "update private.plugin_instances i set enabled = false from private.channel_mappings m"
            " where m.plugin_instance_id = i.id and m.event_id = %s",
            (event,),
        )

    def archive(self, event: int) -> None:
        """From now on the event takes no values."""
        self._superuser.execute("update private.events set archived_at = now() where id = %s", (event,))

    def _number(self, statement: str, *parameters: object) -> int:
        row = self._superuser.execute(statement.encode(), parameters).fetchone()
        assert row is not None
        number: int = row[0]
        return number
