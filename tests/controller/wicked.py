"""A plugin that keeps all rules, and one for each way to break one."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Annotated, Any, ClassVar

import msgspec
from webmacs_controller.sdk import (
    Channel,
    Direction,
    EventType,
    Hold,
    Output,
    Plugin,
    PluginError,
    PluginMeta,
    Sample,
    SequencePlugin,
    Simulation,
    setting,
)
from webmacs_controller.sdk.conformance import PluginConformance

LEVEL = Channel("level", "Level", "m", 0, 10)
PUMP = Channel("pump", "Pump", "%", 0, 100, Direction.OUTPUT, 5)


@dataclass
class Tank:
    """The device: there, or not."""

    pump: float = 0.0
    there: bool = True


@dataclass(frozen=True)
class Settings:
    """How the tank is reached."""

    address: Annotated[int, setting("On the bus", ge=1, le=247)] = 1
    key: Annotated[str, setting("If it wants one", secret=True)] = field(default="", repr=False)


class Good(Plugin[Any]):
    """Every other plugin here is this one with one mistake."""

    meta = PluginMeta("good", "Good", "1.0", "A tank.")
    config_type: ClassVar[type[Any]] = Settings
    tank = Tank()

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.connected = False

    def channels(self) -> Sequence[Channel]:
        return [LEVEL, PUMP]

    async def connect(self) -> None:
        self.ask()
        self.connected = True

    async def read(self) -> Sequence[Sample]:
        self.ask()
        return [Sample("level", 4.2), Sample("pump", self.tank.pump)]

    async def write(self, channel_id: str, value: float) -> None:
        if channel_id != "pump":
            raise PluginError(f"{channel_id} is no output")
        self.tank.pump = value

    async def disconnect(self) -> None:
        self.connected = False

    def ask(self) -> None:
        if not self.tank.there:
            raise PluginError("the tank does not answer")


class Suite(PluginConformance):
    """The rules, for a plugin of a class."""

    kind: type[Plugin[Any]] = Good

    @asynccontextmanager
    async def device(self) -> AsyncIterator[None]:
        Good.tank = Tank()
        yield
        Good.tank.there = False

    def make_plugin(self) -> Plugin[Any]:
        return self.kind(self.kind.config_type())


class Patient(Good):
    """Keeps the rules, too, but waits."""

    async def read(self) -> Sequence[Sample]:
        for _ in range(3):
            await asyncio.sleep(0)
        return await super().read()


class Nameless(Good):
    meta = PluginMeta("good", "Good", "1.0")


class Shouting(Good):
    meta = PluginMeta("Good!", "Good", "1.0", "A tank.")


class Changeable(Good):
    @dataclass
    class Settings:
        """May be changed by anybody."""

        address: Annotated[int, setting("On the bus")] = 1

    config_type = Settings


class Wordless(Good):
    @dataclass(frozen=True)
    class Settings:
        """Does not say what an address is."""

        address: int = 1

    config_type = Settings


class Twofold(Good):
    @dataclass(frozen=True)
    class Settings:
        """Of two types at once."""

        address: Annotated[int | str, setting("On the bus")] = 1

    config_type = Settings


class OutOfBounds(Good):
    @dataclass(frozen=True)
    class Settings:
        """Its default is not allowed."""

        address: Annotated[int, setting("On the bus", ge=1)] = 0

    config_type = Settings


class Talkative(Good):
    @dataclass(frozen=True)
    class Settings:
        """Shows its key."""

        key: Annotated[str, setting("Of the door", secret=True)] = "sesame"

    config_type = Settings


@dataclass(frozen=True)
class Door:
    """With a key."""

    key: Annotated[str, setting("Of the door", secret=True)] = field(default="", repr=False)


class Doors(Good):
    @dataclass(frozen=True)
    class Settings:
        """Keys where the database does not look for them."""

        doors: Annotated[tuple[Door, ...], setting("All doors")] = ()

    config_type = Settings


class Forgetful(Good):
    @dataclass(frozen=True)
    class Settings:
        """Does not come back as it was."""

        address: Annotated[int, setting("On the bus")] = 1

        def __post_init__(self) -> None:
            object.__setattr__(self, "address", self.address + 1)

    config_type = Settings


class Greedy(Good):
    def holds(self) -> str:
        return "everything"


class Fickle(Good):
    def holds(self) -> Sequence[str]:
        return [f"the device {time.monotonic_ns()}"]


class Undressed(Good):
    """Has the settings that it wants, not those that it declares."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.config = msgspec.to_builtins(config)


class Empty(Good):
    def channels(self) -> Sequence[Channel]:
        return [LEVEL] if self.connected else []


class Doubled(Good):
    def channels(self) -> Sequence[Channel]:
        return [LEVEL, PUMP, LEVEL]


class Growing(Good):
    def channels(self) -> Sequence[Channel]:
        return [LEVEL, PUMP, *[Channel("flow", "Flow", "l/s", 0, 1)] * self.connected]


class OffTheChart(Good):
    def channels(self) -> Sequence[Channel]:
        return [Channel("level", "Level", "m", 0, 10, simulation=Simulation(20)), PUMP]


class Mute(Good):
    def demo_channels(self) -> Sequence[Channel]:
        return []


class Inventive(Good):
    async def read(self) -> Sequence[Sample]:
        return [*await super().read(), Sample("flow", 1)]


class Repeating(Good):
    async def read(self) -> Sequence[Sample]:
        return [*await super().read(), Sample("level", 1)]


class Wordy(Good):
    async def read(self) -> Sequence[Sample]:
        return [Sample("level", "4.2")]  # type: ignore[arg-type]


class Praising(Good):
    async def read(self) -> Sequence[Sample]:
        return [Sample("level", 1, "good")]  # type: ignore[arg-type]


class Reticent(Good):
    async def read(self) -> Sequence[Sample]:
        return (await super().read())[:1]


class Broken(Good):
    async def read(self) -> Sequence[Sample]:
        return [Sample("level", float("nan")), Sample("pump", 1)]


class Overflowing(Good):
    async def read(self) -> Sequence[Sample]:
        return [Sample("level", 4200), Sample("pump", 1)]


class Deaf(Good):
    async def write(self, channel_id: str, value: float) -> None:
        if channel_id != "pump":
            raise PluginError("no output")


class Obedient(Good):
    async def write(self, channel_id: str, value: float) -> None:
        self.tank.pump = value


class Crashing(Good):
    async def write(self, channel_id: str, value: float) -> None:
        self.tank.pump = {"pump": value}[channel_id]


class OneTime(Good):
    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.used = False

    async def connect(self) -> None:
        if self.used:
            raise PluginError("in use")
        self.used = True


class Clinging(Good):
    async def disconnect(self) -> None:
        if not self.connected:
            raise RuntimeError("not connected")
        self.connected = False


class Confused(Good):
    """Reads in two steps, and after the first alone it has lost the thread."""

    asked = False

    async def read(self) -> Sequence[Sample]:
        if self.asked:
            raise PluginError("that is the answer to another question")
        self.asked = True
        await asyncio.sleep(0)
        self.asked = False
        return await super().read()


class Restless(Good):
    async def connect(self) -> None:
        self.task = asyncio.create_task(asyncio.sleep(3600))


class Unstoppable(Good):
    """`ended` lets its thread go, for the test."""

    ended = Event()

    async def connect(self) -> None:
        Thread(target=self.ended.wait, name="poller", daemon=True).start()


class Blocking(Good):
    async def read(self) -> Sequence[Sample]:
        time.sleep(1)  # noqa: ASYNC251 - the mistake
        return await super().read()


class Barking(Good):
    async def alive(self) -> None:
        time.sleep(1)  # noqa: ASYNC251 - the mistake


class Sick(Good):
    def health(self) -> str:
        return None  # type: ignore[return-value]


class Dreaming(Good):
    async def connect(self) -> None:
        pass

    async def read(self) -> Sequence[Sample]:
        return [Sample("level", 4.2), Sample("pump", self.tank.pump)]


class Raw(Good):
    def ask(self) -> None:
        if not self.tank.there:
            raise OSError(113, "No route to host")


TANK_PUMP = Output("Tank", "pump")


@dataclass(frozen=True)
class Drives:
    """What is driven."""

    output: Annotated[Output, setting("The pump")] = TANK_PUMP


class GoodSequence(SequencePlugin[Drives]):
    """Those below are this one with one mistake."""

    meta = PluginMeta("good", "Good", "1.0", "A course.")
    config_type = Drives

    def set_points(self) -> Mapping[Channel, float]:
        return {Channel("speed", "Speed", "%", 0, 100, Direction.OUTPUT, event_type=EventType.RANGE): 50}

    async def course(self, hold: Hold) -> None:
        await hold.set(self.config.output, self.set_point("speed"))
        await hold.until(asyncio.get_running_loop().time() + 3600)


class Eager(GoodSequence):
    async def connect(self) -> None:
        await self.write("button", 1)


class Stubborn(GoodSequence):
    async def course(self, hold: Hold) -> None:
        try:
            await super().course(hold)
        except asyncio.CancelledError:
            await asyncio.sleep(0.1)


class Grasping(GoodSequence):
    async def disconnect(self) -> None:
        pass
