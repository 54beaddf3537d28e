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
from webmacs_controller.configuration.identity import Member, matched
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
from webmacs_controller.sdk.sequence import SequencePlugin
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
    """What is to become of one instance, which is made anew where that which runs does not do. `before` is what it was,
    perhaps by another name; None: it is new."""

    settings: InstanceSettings
    before: Member | None = None
    instance: Instance | None = None
    error: str = ""

    @property
    def at_work(self) -> Instance | None:
        """The instance that will be."""
        if self.instance is not None:
            return self.instance
        loop = self.before.loop if self.before is not None else None
        return loop.instance if loop is not None and self.settings.enabled else None


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
        wanted = list(wanted)
        before = matched(wanted, self.members)
        steps = _without_second_holders([self._step(item, before.get(item.name)) for item in wanted])
        works = {step.settings.name: step.at_work for step in steps}
        plugins = {name: instance.plugin if instance else None for name, instance in works.items()}
        return [_checked(step, plugins) for step in steps]

    def carry_out(self, steps: Sequence[Step]) -> None:
        """What has not changed is not disturbed, what is not in `steps` ends."""
        before = self._channels()
        stay = {step.before for step in steps}
        for name in [name for name, member in self.members.items() if member not in stay]:
            self._put_to_work(name, None)
            del self.members[name]
        self._rename({step.before.settings.name: step.settings.name for step in steps if step.before is not None})
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

    def _step(self, wanted: InstanceSettings | Refusal, member: Member | None) -> Step:
        if isinstance(wanted, Refusal):
            unknown = InstanceSettings(name=wanted.name, plugin="", enabled=False)
            return Step(member.settings if member else unknown, member, error=wanted.error)
        if not wanted.enabled or (member and _stays(member, wanted)):
            return Step(wanted, member)
        try:
            return Step(wanted, member, self._instance(wanted))
        except Exception as error:  # also whatever the code of others raises
            problem = str(error) if isinstance(error, ConfigError) else f"plugin: {error!r}"
            return _refused(Step(wanted, member), problem)

    def _rename(self, names: Mapping[str, str]) -> None:
        """What is at work goes on under another name. `names` has the new one by the old, also where it is the same."""
        changed = {old: new for old, new in names.items() if old != new}
        if not changed:
            return
        for old, new in changed.items():
            log.info("%s is called %s now", old, new)
            if loop := self.loops.get(old):
                loop.instance.rename(new)
        self._newest.rename(changed)
        self.safeguard.rename(changed)
        self.members = {names[name]: member for name, member in self.members.items()}
        loops = {names[name]: loop for name, loop in self.loops.items()}
        self.loops.clear()  # others have hold of it
        self.loops.update(loops)
        leaving = [(name, slot) for name, slot in self._slots.items() if name not in names]
        self._slots = {names[name]: slot for name, slot in self._slots.items() if name in names}
        for name, slot in leaving:
            while name in self._slots:  # it is another one's now
                name += ", as it was before"
            self._slots[name] = slot

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


def _stays(member: Member, wanted: InstanceSettings) -> bool:
    """A sequence is known by its name to what it drives."""
    if member.loop is None or not wanted.same_plugin(member.settings):
        return False
    return wanted.name == member.settings.name or not isinstance(member.loop.instance.plugin, SequencePlugin)


def _without_second_holders(steps: list[Step]) -> list[Step]:
    """Who is at work keeps its device; then, who comes first. One that is refused may stay what it was, which others
    have to respect again."""
    while True:
        settled = sorted(steps, key=lambda step: step.instance is not None)
        problems = second_holders(step.at_work for step in settled)
        refused = {step.settings.name for step in steps if step.instance is not None} & problems.keys()
        if not refused:
            return steps
        steps = [_refused(s, problems[s.settings.name]) if s.settings.name in refused else s for s in steps]


def _checked(step: Step, plugins: Mapping[str, Plugin[Any] | None]) -> Step:
    """One that would drive what is not there is as refused as any other wrong setting."""
    plugin = plugins[step.settings.name]
    try:
        if plugin is not None:
            check_outputs(step.settings.name, plugin, plugins)
    except ConfigError as error:
        return _refused(step, str(error))
    return step


def _refused(step: Step, error: str) -> Step:
    """As wanted, but for the plugin that is at work."""
    settings, member = step.settings, step.before
    if member is not None and member.loop is not None:
        old = member.settings
        settings = msgspec.structs.replace(settings, plugin=old.plugin, demo=old.demo, config=old.config)
    return Step(settings, member, error="; ".join(filter(None, (step.error, error))))
