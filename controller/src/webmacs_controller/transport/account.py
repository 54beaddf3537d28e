"""What the server is told of the instances: what they are (hello), and how they are (status)."""

from collections.abc import Sequence

import msgspec

from webmacs_controller.configuration.configurator import Configurator
from webmacs_controller.configuration.fleet import Fleet
from webmacs_controller.configuration.identity import Member
from webmacs_controller.measuring.gauge import Gauge
from webmacs_controller.measuring.loop import Loop, State
from webmacs_controller.packages.keeper import Keeper, Report
from webmacs_controller.sdk import Channel, Direction
from webmacs_controller.sdk.quality import is_good, is_usable, reason
from webmacs_controller.transport.protocol import (
    ChannelInfo,
    ChannelState,
    ChannelStatus,
    Hello,
    InstanceInfo,
    InstanceState,
    InstanceStatus,
    PackageStatus,
    Status,
    UpdateStatus,
)
from webmacs_controller.updates.updater import Updater

EVENT_TYPES = {Direction.INPUT: "sensor", Direction.OUTPUT: "actuator"}
"""Where the channel itself says nothing."""


def hello(configurator: Configurator) -> Hello:
    """Who we are, what could be configured, and what we measure."""
    version = configurator.version
    members = configurator.fleet.members.values()
    instances = [_info(member, member.loop, version == 0) for member in members if member.loop is not None]
    return Hello(version, configurator.plugins, instances)


def _info(member: Member, loop: Loop, proposed: bool) -> InstanceInfo:
    settings, channels = member.settings, loop.instance.channels.values()
    return InstanceInfo(
        settings.name,
        settings.plugin,
        settings.demo,
        settings.interval_seconds,
        [_channel(channel) for channel in channels],
        settings.config if proposed else msgspec.UNSET,
    )


def _channel(channel: Channel) -> ChannelInfo:
    return ChannelInfo(
        channel.id,
        channel.name,
        channel.unit,
        channel.min,
        channel.max,
        channel.direction.value,
        channel.event_type or EVENT_TYPES[channel.direction],
        channel.safe_value,
    )


def status(fleet: Fleet, keeper: Keeper | None, updater: Updater | None = None) -> Status:
    """How all instances and packages are, and how far the update is."""
    instances = [_status(member, fleet.owed(name)) for name, member in fleet.members.items()]
    update = updater.report() if updater else None
    return Status(
        instances,
        [_package(package) for package in keeper.report()] if keeper else [],
        UpdateStatus(update.id, update.state, update.detail or None, update.received) if update else msgspec.UNSET,
    )


def _package(report: Report) -> PackageStatus:
    return PackageStatus(report.package.name, report.package.version, report.state, report.problem or None)


def _disabled(owed: Sequence[str]) -> str:
    return f"disabled; not at their safe values: {', '.join(owed)}" if owed else "disabled"


def _status(member: Member, owed: Sequence[str]) -> InstanceStatus:
    name, error, loop = member.settings.name, member.error or None, member.loop
    if loop is None:
        return InstanceStatus(name, "error" if error else "stopped", error or _disabled(owed), error, [])
    channels = [_channel_status(gauge) for gauge in loop.instance.gauges.values()]
    return InstanceStatus(name, _state(loop), _detail(loop) or None, error, channels)


def _state(loop: Loop) -> InstanceState:
    """What has failed stays an error until it runs again."""
    if loop.state is State.RUNNING:
        return "demo" if loop.instance.plugin.meta.demo else "connected"
    return "error" if loop.problem else "stopped"


def _detail(loop: Loop) -> str:
    if loop.state is State.RUNNING:
        return loop.health
    return loop.problem or loop.state.value


def _channel_status(gauge: Gauge) -> ChannelStatus:
    state, why = _value_status(gauge)
    return ChannelStatus(gauge.channel.id, state, "; ".join(filter(None, (gauge.note, why))) or None)


def _value_status(gauge: Gauge) -> tuple[ChannelState, str]:
    if not gauge.has_value:
        return "no_value", "" if gauge.has_value is None else reason(gauge.quality)
    if is_good(gauge.quality):
        return "ok", ""
    return "uncertain" if is_usable(gauge.quality) else "bad", reason(gauge.quality)
