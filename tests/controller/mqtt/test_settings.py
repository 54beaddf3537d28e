"""What is wrong is refused, by name, before anything is connected."""

from pathlib import Path
from typing import Any

import pytest
from webmacs_controller.plugins.mqtt.checks import channels_of
from webmacs_controller.sdk import Channel, ConfigError, Direction
from webmacs_controller.sdk.discovery import create

from tests.controller.mqtt.making import config, output, table


@pytest.mark.parametrize(
    ("channel", "settings", "problem"),
    [
        (table(), {"host": ""}, r"host: expected `str` of length >= 1"),
        (table(), {"password": "p"}, r"password: needs a username"),
        (table(), {"status_topic": "a/#"}, r"status_topic: 'a/#' may not have \+, # or NUL"),
        (table(), {"tls": True, "ca_file": "/no/such/file"}, r"ca_file: /no/such/file cannot be read"),
        (table(topic=""), {}, r"channels\[0\].topic: is missing"),
        (table(topic="plant/+/t"), {}, r"channels\[0\].topic: .*a channel is one topic"),
        (table(path="t"), {}, r"channels\[0\].path: a path begins with \$"),
        (table(command_topic="x"), {}, r"channels\[0\].command_topic: is for outputs, and this is an input"),
        (table(topic="ä" * 999, min=2, max=1), {}, r"channels\[0\]: .*must be below max"),
        (output(command_topic=""), {}, r"channels\[0\].command_topic: is missing"),
        (output(safe_value=None), {}, r"channels\[0\]: .*needs a safe_value"),
        (output(topic="", command_payload="go"), {}, r"channels\[0\]: without a topic .* but 'go' 'go' is neither"),
        (output(topic="", command_payload="{word}"), {}, r"channels\[0\]: without a topic .* but 'ON' says 1"),
        (output(topic="", command_payload='{"v": {value}}'), {}, r"channels\[0\]: without a topic .* is an object"),
        (table(qos=3), {}, r"channels\[0\].qos: invalid enum value 3"),
        (table(max_age_seconds=0), {}, r"channels\[0\].max_age_seconds: .*> 0"),
        (table(topik="x"), {}, r"channels\[0\].topik: unknown setting"),
    ],
)
def test_a_wrong_setting_is_named(channel: dict[str, Any], settings: dict[str, Any], problem: str) -> None:
    given = {"host": "127.0.0.1", "channels": [channel]} | settings
    with pytest.raises(ConfigError, match=rf"^instances\[1\]\.config\.{problem}"):
        create("mqtt", given, "instances[1]")


@pytest.mark.parametrize(
    "settings",
    [{}, {"command_payload": '{"v": {value}}', "path": "$.v"}, {"command_payload": "{word}", "max": 1}],
)
def test_a_command_that_can_be_read_back_is_allowed(settings: dict[str, Any]) -> None:
    channels = channels_of(config(output(topic="", **settings)))
    assert [channel.direction for channel in channels] == [Direction.OUTPUT]


def test_a_channel_is_what_was_set(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    settings = config(output(name="Valve", safe_value=10), tls=True, ca_file=str(tmp_path / "ca.pem"))
    assert channels_of(settings) == [Channel("valve", "Valve", "%", 0, 100, Direction.OUTPUT, 10)]
