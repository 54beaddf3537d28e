"""What is wrong with settings beyond what their schema says, and the channels that they describe."""

from collections.abc import Iterator
from os import R_OK, access

from webmacs_controller.plugins.mqtt import payloads
from webmacs_controller.plugins.mqtt.paths import Path, parse
from webmacs_controller.plugins.mqtt.settings import ChannelSettings, MqttConfig
from webmacs_controller.sdk import Channel, ConfigError, Direction

LONGEST_TOPIC = 65535
"""Bytes."""


def channels_of(config: MqttConfig) -> list[Channel]:
    """Raises ConfigError."""
    if config.password and not config.username:
        raise ConfigError("password: needs a username")
    if config.ca_file and not access(config.ca_file, R_OK):
        raise ConfigError(f"ca_file: {config.ca_file} cannot be read")
    if config.status_topic:
        _check_topic(config.status_topic, "status_topic")
    return [_channel(settings, f"channels[{number}]") for number, settings in enumerate(config.channels)]


def path_of(settings: ChannelSettings) -> Path | None:
    """None: the whole payload. Raises ValueError."""
    return parse(settings.path) if settings.path else None


def told_at(settings: ChannelSettings) -> str:
    """The topic that tells the value. An output that tells nothing has what the broker passed on to all."""
    return settings.topic or settings.command_topic


def _channel(settings: ChannelSettings, where: str) -> Channel:
    try:
        path = path_of(settings)
    except ValueError as error:
        raise ConfigError(f"{where}.path: {error}") from None
    output = settings.direction == "output"
    _check_topics(settings, output, where)
    try:
        channel = Channel(
            settings.id,
            settings.name or settings.id,
            settings.unit,
            settings.min,
            settings.max,
            Direction(settings.direction),
            settings.safe_value if output else None,
        )
        if output and not settings.topic:
            _check_echo(settings, path)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None
    return channel


def _check_topics(settings: ChannelSettings, output: bool, where: str) -> None:
    if output:
        _check_topic(settings.command_topic, f"{where}.command_topic")
    elif settings.command_topic:
        raise ConfigError(f"{where}.command_topic: is for outputs, and this is an input")
    if settings.topic or not output:
        _check_topic(settings.topic, f"{where}.topic")


def _check_topic(topic: str, where: str) -> None:
    if not topic:
        raise ConfigError(f"{where}: is missing")
    if any(character in topic for character in "+#\0"):
        raise ConfigError(f"{where}: {topic!r} may not have +, # or NUL; a channel is one topic")
    if len(topic.encode(errors="replace")) > LONGEST_TOPIC:
        raise ConfigError(f"{where}: is longer than {LONGEST_TOPIC} bytes")


def _check_echo(settings: ChannelSettings, path: Path | None) -> None:
    """Raises ValueError if what sets the output could not be read back from the same topic."""
    for value in _examples(settings):
        payload = payloads.command(value, settings)
        try:
            told = payloads.value_in(payloads.document_in(payload.encode()), path, settings)
        except payloads.PayloadError as error:
            raise ValueError(f"without a topic it is read back from its own command, but {payload!r} {error}") from None
        if not payloads.same(told, value):
            raise ValueError(f"without a topic it is read back from its own command, but {payload!r} says {told:g}")


def _examples(settings: ChannelSettings) -> Iterator[float]:
    for value in (settings.min, settings.max, settings.safe_value):
        if value is not None:
            yield float(value)
