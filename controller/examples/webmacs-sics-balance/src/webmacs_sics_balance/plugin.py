"""The plugin `sics_balance`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Literal

from webmacs_controller.sdk import ON_OFF, Channel, Direction, Plugin, PluginError, PluginMeta, Quality, Sample, setting
from webmacs_controller.sdk.lines import Lines

from .answers import Answer, parse

QUALITIES = {"S": Quality.GOOD, "D": Quality.UNCERTAIN}
"""Of a weight that is stable, and of one that still moves."""


@dataclass(frozen=True)
class SicsBalanceConfig:
    """How the balance is reached, and what it is."""

    host: Annotated[str, setting("Name or address of the balance or of its serial device server.", min_length=1)]
    port: Annotated[int, setting("TCP port.", ge=1, le=65535)] = 8001
    capacity: Annotated[float, setting("The most that it weighs, in its unit.", gt=0, le=1e6)] = 220.0
    unit: Annotated[Literal["g", "kg", "mg"], setting("The unit that it is set to.")] = "g"


class SicsBalance(Plugin[SicsBalanceConfig]):
    """Net weight, whether it is stable, and the tare, which can be set."""

    meta = PluginMeta(
        "sics_balance",
        "MT-SICS balance",
        version("webmacs-sics-balance"),
        "Weighs with balances of Mettler Toledo, and others that speak MT-SICS, over TCP.",
    )
    config_type = SicsBalanceConfig

    def __init__(self, config: SicsBalanceConfig) -> None:
        super().__init__(config)
        self._lines = Lines(config.host, config.port)
        self._busy = False

    def channels(self) -> Sequence[Channel]:
        """As large as the balance."""
        most, unit = self.config.capacity, self.config.unit
        return [
            Channel("weight", "Net weight", unit, -most, most),
            Channel("stable", "Stable", "yes/no", 0, 1, simulation=ON_OFF),
            Channel("tare", "Tare", unit, 0, most, Direction.OUTPUT, safe_value=0),
        ]

    def holds(self) -> Collection[str]:
        """It answers one at a time."""
        return [f"the device at {self.config.host}:{self.config.port}"]

    async def connect(self) -> None:
        """Ends whatever somebody asked before; the tare stays."""
        await self._lines.open()
        answer = await self._ask("@")
        if answer.status != "A":
            raise PluginError(f"the balance does not begin anew: {answer}")

    async def read(self) -> Sequence[Sample]:
        """While the balance is busy it gives no weight."""
        weight = await self._ask("SI")
        self._busy = weight.status == "I"
        return [*self._weight(weight), *self._tare(await self._ask("TA"))]

    async def write(self, channel_id: str, value: float) -> None:
        """The balance rounds the tare to what it can show."""
        if channel_id != "tare":
            raise PluginError(f"{channel_id} cannot be set, only the tare")
        answer = await self._ask(f"TA {value:.4f} {self.config.unit}")
        if answer.status != "A":
            problem = "it is busy" if answer.status == "I" else f"it does not take {value:g} {self.config.unit}"
            raise PluginError(f"the tare is not set: {problem}")

    async def disconnect(self) -> None:
        """Harmless without a connection."""
        await self._lines.close()

    def health(self) -> str:
        """Somebody is in its menu, or it is adjusting itself."""
        return "the balance is busy and gives no weight" if self._busy else ""

    async def _ask(self, command: str) -> Answer:
        return parse(command, await self._lines.ask(command))

    def _weight(self, answer: Answer) -> list[Sample]:
        """An overload is told as a weight at the limit, so that rules on too much see it."""
        if answer.status in ("+", "-"):
            limit = self.config.capacity if answer.status == "+" else -self.config.capacity
            return [Sample("weight", limit, Quality.OUT_OF_RANGE), Sample("stable", 0)]
        if answer.status not in QUALITIES:
            return []
        value, unit = answer.weight()
        quality = QUALITIES[answer.status] if unit == self.config.unit else Quality.CONFIGURATION
        return [Sample("weight", value, quality), Sample("stable", float(answer.status == "S"))]

    def _tare(self, answer: Answer) -> list[Sample]:
        if answer.status != "A":
            return []
        value, unit = answer.weight()
        return [Sample("tare", value, Quality.GOOD if unit == self.config.unit else Quality.CONFIGURATION)]
