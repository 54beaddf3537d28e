"""Which inputs and outputs become channels, and how. Raises ConfigError for settings that do not fit the rail."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from webmacs_controller.plugins.revpi.bases import BASES, SWITCH, extras, is_private
from webmacs_controller.plugins.revpi.pictory import Device
from webmacs_controller.plugins.revpi.settings import ChannelSettings, RevPiConfig
from webmacs_controller.plugins.revpi.signals import Signal, signal_of
from webmacs_controller.sdk import ON_OFF, Channel, ConfigError, Direction

MOST_NAMES = 20
"""As many are listed where one is not found."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What could be a channel. `module`: it is not of the base itself."""

    name: str
    comment: str
    device: Device
    output: bool
    signal: Signal
    exported: bool
    module: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A channel, the input or output behind it, and the position of its device. `module`: that is not the base."""

    channel: Channel
    io: str
    position: int
    signal: Signal
    module: bool


def lines_of(devices: Sequence[Device], config: RevPiConfig) -> list[Line]:
    """In the order of the rail."""
    found = {candidate.name: candidate for candidate in _candidates(devices)}
    settings = _settings(config, found)
    _check_outputs(config, found)
    _check_watchdog(config, devices)
    near = _near(devices, config)
    return [
        _line(candidate, settings.get(name), driven=name in config.outputs)
        for name, candidate in found.items()
        if name in settings or name in config.outputs or (candidate.device in near and _is_selected(candidate, config))
    ]


def _candidates(devices: Sequence[Device]) -> Iterator[Candidate]:
    for device in devices:
        base = BASES.get(device.product) if device.base else None
        for io in device.ios:
            if not is_private(device, io):
                signal = signal_of(device, io)
                yield Candidate(io.name, io.comment, device, io.output, signal, io.exported, not device.base)
        for name, output in (extras(base) if base else {}).items():
            yield Candidate(name, "", device, output, SWITCH, False, module=False)


def _settings(config: RevPiConfig, found: Mapping[str, Candidate]) -> dict[str, ChannelSettings]:
    settings: dict[str, ChannelSettings] = {}
    for number, entry in enumerate(config.channels):
        if entry.io not in found:
            raise ConfigError(f"channels[{number}].io: {_unknown(entry.io, found)}")
        if entry.io in settings:
            raise ConfigError(f"channels[{number}].io: {entry.io} is there twice")
        if entry.safe_value is not None and entry.io not in config.outputs:
            raise ConfigError(f"channels[{number}].safe_value: {entry.io} is not one of the outputs that can be set")
        if entry.scale == 0:
            raise ConfigError(f"channels[{number}].scale: must not be 0")
        settings[entry.io] = entry
    return settings


def _check_outputs(config: RevPiConfig, found: Mapping[str, Candidate]) -> None:
    outputs = {name: candidate for name, candidate in found.items() if candidate.output}
    for number, name in enumerate(config.outputs):
        if name not in outputs:
            raise ConfigError(f"outputs[{number}]: {_unknown(name, outputs)}")


def _check_watchdog(config: RevPiConfig, devices: Sequence[Device]) -> None:
    bases = [BASES[device.product] for device in devices if device.base and device.product in BASES]
    if config.watchdog and not any(base.watchdog for base in bases):
        names = ", ".join(base.name for base in bases) or "this base module"
        raise ConfigError(f"watchdog: {names} has none in the process image; let systemd feed /dev/watchdog")


def _near(devices: Sequence[Device], config: RevPiConfig) -> list[Device]:
    names = {name for device in devices for name in (device.name, str(device.position))}
    for number, name in enumerate(config.devices):
        if name not in names:
            raise ConfigError(f"devices[{number}]: {_unknown(name, [device.name for device in devices])}")
    return [
        device for device in devices if not config.devices or {device.name, str(device.position)} & {*config.devices}
    ]


def _unknown(name: str, known: Iterable[str]) -> str:
    names = list(known)
    listed = ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
    return f"piCtory has no {name!r} there; it has {listed or 'nothing'}"


def _is_selected(candidate: Candidate, config: RevPiConfig) -> bool:
    return config.select == "all" or (config.select == "exported" and candidate.exported)


def _line(candidate: Candidate, settings: ChannelSettings | None, driven: bool) -> Line:
    entry = settings or ChannelSettings(candidate.name)
    signal = _adjusted(candidate.signal, entry)
    low, high = sorted(signal.value(number) for number in (signal.low, signal.high))
    try:
        channel = Channel(
            candidate.name,
            entry.name or candidate.comment or candidate.name,
            signal.unit,
            low if entry.min is None else entry.min,
            high if entry.max is None else entry.max,
            Direction.OUTPUT if driven else Direction.INPUT,
            (entry.safe_value or 0.0) if driven else None,
            ON_OFF if (signal.low, signal.high) == (0, 1) else None,
        )
        if driven:
            _check_range(channel, low, high)
    except ValueError as error:
        raise ConfigError(f"channels: {error}") from None
    return Line(channel, candidate.name, candidate.device.position, signal, candidate.module)


def _adjusted(signal: Signal, entry: ChannelSettings) -> Signal:
    return replace(
        signal,
        unit=entry.unit or signal.unit,
        scale=signal.scale if entry.scale is None else entry.scale,
        offset=signal.offset if entry.offset is None else entry.offset,
    )


def _check_range(channel: Channel, low: float, high: float) -> None:
    if channel.min < low or channel.max > high:
        raise ValueError(f"{channel.id}: the module takes {low:g} to {high:g} {channel.unit}")
