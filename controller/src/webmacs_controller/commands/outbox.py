"""Results that the server has not noted yet."""

import asyncio

from webmacs_controller.transport.protocol import CommandResult


class Outbox:
    """put, take to send, confirm. Those that are under way when a connection is lost are given back."""

    def __init__(self) -> None:
        self._waiting: dict[str, CommandResult] = {}
        self._under_way: dict[str, CommandResult] = {}
        self._filled = asyncio.Event()

    def put(self, result: CommandResult) -> None:
        """To be sent, or sent again."""
        self._under_way.pop(result.id, None)
        self._waiting[result.id] = result
        self._filled.set()

    def get(self, command_id: str) -> CommandResult | None:
        """The result of that command, if it is here."""
        return self._waiting.get(command_id) or self._under_way.get(command_id)

    async def take(self) -> CommandResult:
        """The one that has waited for longest, as soon as there is one; now it is under way."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        result = self._waiting.pop(next(iter(self._waiting)))
        self._under_way[result.id] = result
        return result

    def confirm(self, command_id: str) -> bool:
        """The server has noted it. Whether it was here."""
        known = self.get(command_id) is not None
        self._waiting.pop(command_id, None)
        self._under_way.pop(command_id, None)
        return known

    def give_back(self) -> None:
        """The connection is lost: what was under way waits again, before the others."""
        self._waiting = {**self._under_way, **self._waiting}
        self._under_way = {}
        self._filled.set()
