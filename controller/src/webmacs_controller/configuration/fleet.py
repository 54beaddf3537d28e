"""The instances at work, changed while they run."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import wait
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from webmacs_controller.clock.clock import Clock
from webmacs_controller.configuration.holdings import second_holders
from webmacs_controller.configuration.references import check_outputs
from webmacs_controller.configuration.settings import InstanceSettings, Refusal
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.measuring.loop import Loop
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Point
from webmacs_controller.measuring.slot import Slot
from webmacs_controller.safety.past import Past
from webmacs_controller.safety.safeguard import Safeguard
from webmacs_controller.safety.wellness import Station
from webmacs_controller.sdk import Channel, ConfigError, Plugin, PluginMeta
from webmacs_controller.sdk.worker import DaemonThread

log = logging.getLogger(__name__)

GOLDEN = 0.6180339887498949
"""Multiples of it, without their whole parts, lie as far from each other as so many can, however many there are."""

MAKE_SECONDS = 20.0
"""For the making of one plugin, which touches no device."""

Make: TypeAlias = Callable[[InstanceSettings], Plugin[Any]]
"""Makes a plugin, not connected. Raises ConfigError, naming the setting."""

Put: TypeAlias = Callable[[Sequence[Point]], None]


@dataclass(frozen=True, slots=True)
class Step:
    """What is to become of one instance, which is made anew where that which runs does not do."""

    settings: InstanceSettings
    instance: Instance | None = None
    error: str = ""


@dataclass(slots=True)
class Member:
    """One instance of the configuration. `settings` are those it has, `error` says which that are wanted it has not;
    `loop` is None while it is disabled, or could never be made."""

    settings: InstanceSettings
    error: str = ""
    loop: Loop | None = None


class Fleet:
    """`loops` are at work, `members` is all of the configuration, both by name.

    `changed` is set when the state of one, or of a channel, is another. `channels_changed` is set when there are other
    channels, or plugins, and `channels_version` counts how often there were other channels.
    """

    def __init__(self, newest: Newest, put: Put, make: Make, clock: Clock, safeguard: Safeguard | None = None) -> None:
        self.safeguard = safeguard or Safeguard()
        self.members: dict[str, Member] = {}
        self.loops: dict[str, Loop] = {}
        self.changed = asyncio.Event()
        self.channels_changed = asyncio.Event()
        self.channels_version = 0
        self._newest = newest
        self._put = put
        self._make = make
        self._clock = clock
        self._slots: dict[str, Slot] = {}
        self._begun = 0

    def plan(self, wanted: Iterable[InstanceSettings | Refusal]) -> list[Step]:
        """What each instance needs. Makes plugins, which may take its time: to be called in a thread."""
        steps = self._without_second_holders([self._step(item) for item in wanted])
        plugins = {step.settings.name: self._plugin(step) for step in steps}
        return [self._checked(step, plugins) for step in steps]

    def carry_out(self, steps: Sequence[Step]) -> None:
        """What has not changed is not disturbed, what is not in `steps` ends."""
        before = self._channels()
        names = {step.settings.name for step in steps}
        for name in [name for name in self.members if name not in names]:
            self._put_to_work(name, None)
            del self.members[name]
        for step in steps:
            self._carry_out(step)
        self._slots = {name: slot for name, slot in self._slots.items() if slot.tasks or name in self.members}
        if self._channels() != before:
            self.channels_version += 1
            self.channels_changed.set()
        self.changed.set()

    def past(self) -> Past:
        """For the next process, if this one should end in a moment."""
        devices = {name: loop.safety.device.seen_at for name, loop in self.loops.items() if loop.instance.outputs}
        return Past(self.safeguard.server.seen_at, devices)

    def stations(self) -> list[Station]:
        """For the judgement whether all is well: what is to work, and what was to let go of its outputs."""
        leaving = [Station(name, False, False, 0.0, 0.0, tuple(self.owed(name))) for name in self._slots]
        return [loop.station() for loop in self.loops.values()] + [one for one in leaving if one.name not in self.loops]

    def owed(self, name: str) -> list[str]:
        """Outputs of that instance that are to be at their safe values, and are not."""
        slot = self._slots.get(name)
        return slot.owed if slot is not None else []

    async def release(self, seconds: float) -> bool:
        """All outputs to their safe values, all devices let go; what takes longer is left behind. Whether all are."""
        tasks = {task for slot in self._slots.values() for task in slot.tasks}
        self.loops.clear()
        for slot in self._slots.values():
            slot.put(None)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            if late:
                log.error("%d of %d do not end within %g s and are left behind", len(late), len(tasks), seconds)
        return not any(slot.tasks or slot.owed for slot in self._slots.values())

    def _step(self, wanted: InstanceSettings | Refusal) -> Step:
        member = self.members.get(wanted.name)
        if isinstance(wanted, Refusal):
            unknown = InstanceSettings(name=wanted.name, plugin="", enabled=False)
            return Step(member.settings if member else unknown, error=wanted.error)
        if not wanted.enabled or (member and member.loop and wanted.same_plugin(member.settings)):
            return Step(wanted)
        try:
            return Step(wanted, self._instance(wanted))
        except Exception as error:  # also whatever the code of others raises
            problem = str(error) if isinstance(error, ConfigError) else f"plugin: {error!r}"
            return Step(_with_old_plugin(wanted, member), error=problem)

    def _without_second_holders(self, steps: list[Step]) -> list[Step]:
        """Who is at work keeps its device; then, who comes first. One that is refused may stay what it was, which
        others have to respect again."""
        while True:
            settled = sorted(steps, key=lambda step: step.instance is not None)
            problems = second_holders(instance for step in settled if (instance := self._at_work(step)) is not None)
            refused = {step.settings.name for step in steps if step.instance is not None} & problems.keys()
            if not refused:
                return steps
            steps = [self._refused(s, problems[s.settings.name]) if s.settings.name in refused else s for s in steps]

    def _at_work(self, step: Step) -> Instance | None:
        """The instance that will be."""
        if step.instance is not None:
            return step.instance
        member = self.members.get(step.settings.name)
        return member.loop.instance if member and member.loop and step.settings.enabled else None

    def _plugin(self, step: Step) -> Plugin[Any] | None:
        instance = self._at_work(step)
        return instance.plugin if instance is not None else None

    def _checked(self, step: Step, plugins: Mapping[str, Plugin[Any] | None]) -> Step:
        """One that would drive what is not there is as refused as any other wrong setting."""
        plugin = plugins[step.settings.name]
        try:
            if plugin is not None:
                check_outputs(step.settings.name, plugin, plugins)
        except ConfigError as error:
            return self._refused(step, str(error))
        return step

    def _refused(self, step: Step, error: str) -> Step:
        old = _with_old_plugin(step.settings, self.members.get(step.settings.name))
        return Step(old, error="; ".join(filter(None, (step.error, error))))

    def _carry_out(self, step: Step) -> None:
        member = self.members.setdefault(step.settings.name, Member(step.settings))
        member.settings = step.settings
        if not step.settings.enabled:
            self._put_to_work(step.settings.name, None)
        elif step.instance is not None:
            self._put_to_work(step.settings.name, self._loop(step.instance))
        problems = [step.error] if step.error else []
        if member.loop is not None:
            member.loop.instance.key = step.settings.key
            problems += member.loop.tune(step.settings.interval_seconds, step.settings.channels)
        self._note_error(member, "; ".join(problems))

    def _put_to_work(self, name: str, loop: Loop | None) -> None:
        """In place of what has been at work under this name."""
        self._slots.setdefault(name, Slot()).put(loop)
        self.members[name].loop = loop
        if loop is None:
            self.loops.pop(name, None)
        else:
            self.loops[name] = loop

    def _instance(self, settings: InstanceSettings) -> Instance:
        """In a thread of its own: code of others that never returns must not keep the other instances from working."""
        thread = DaemonThread(f"making {settings.name}")
        making = thread.submit(self._made, settings)
        thread.shutdown(wait=False)
        _, late = wait([making], timeout=MAKE_SECONDS)
        if late:
            raise ConfigError(f"plugin: it was not made within {MAKE_SECONDS:g} s")
        return making.result()

    def _made(self, settings: InstanceSettings) -> Instance:
        plugin, interval = self._make(settings), settings.interval_seconds
        return Instance(settings.name, plugin, interval, self._clock, self._newest, self.changed.set)

    def _loop(self, instance: Instance) -> Loop:
        """Each has another phase: read in one moment, instances would wait for each other."""
        phase, self._begun = self._begun * GOLDEN % 1, self._begun + 1
        return Loop(instance, lambda points: self._deliver(instance, points), safeguard=self.safeguard, phase=phase)

    def _deliver(self, instance: Instance, points: Sequence[Point]) -> None:
        """To those here by the names of now, to the server by what stays when it is away and somebody renames."""
        self._newest.put(points)
        told, key = instance.reports.of(points, asyncio.get_running_loop().time()), instance.key
        self._put([Point((key, source[1]), value, time, quality) for source, value, time, quality in told])

    def _channels(self) -> dict[str, tuple[PluginMeta, list[Channel]]]:
        """What is told of the instances at work."""
        instances = [loop.instance for loop in self.loops.values()]
        return {instance.name: (instance.plugin.meta, list(instance.channels.values())) for instance in instances}

    def _note_error(self, member: Member, error: str) -> None:
        if error and error != member.error:
            log.error("%s: refused: %s", member.settings.name, error)
        member.error = error


def _with_old_plugin(wanted: InstanceSettings, member: Member | None) -> InstanceSettings:
    """As wanted, but for the plugin that is at work."""
    if member is None or member.loop is None:
        return wanted
    old = member.settings
    return msgspec.structs.replace(wanted, plugin=old.plugin, demo=old.demo, config=old.config)
