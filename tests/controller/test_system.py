"""The system plugin on the machine that runs this test."""

import pytest
from webmacs_controller.plugins.system import SystemConfig, SystemPlugin
from webmacs_controller.plugins.system.machine import network_bytes, processor_temperature
from webmacs_controller.plugins.system.rate import Rate
from webmacs_controller.sdk import ConfigError, Direction

EVERYWHERE = {
    "cpu_percent": "%",
    "load_average_1m": "processes",
    "uptime_hours": "h",
    "memory_percent": "%",
    "memory_used_gb": "GB",
    "swap_percent": "%",
    "disk_percent": "%",
    "disk_used_gb": "GB",
    "network_receive_kb_s": "kB/s",
    "network_send_kb_s": "kB/s",
}


def test_its_channels_have_units_and_are_inputs() -> None:
    channels = {channel.id: channel for channel in SystemPlugin(SystemConfig()).channels()}
    assert EVERYWHERE.items() <= {channel.id: channel.unit for channel in channels.values()}.items()
    assert {channel.direction for channel in channels.values()} == {Direction.INPUT}
    assert ("cpu_temperature" in channels) == (processor_temperature() is not None)


async def test_values_are_within_the_range_of_their_channels() -> None:
    plugin = SystemPlugin(SystemConfig())
    channels = {channel.id: channel for channel in plugin.channels()}
    await plugin.connect()
    samples = await plugin.read()
    await plugin.disconnect()
    assert {"memory_used_gb", "disk_used_gb", "uptime_hours"} <= {sample.channel_id for sample in samples}
    for sample in samples:
        if sample.channel_id == "load_average_1m":  # of a busy machine it may be anything
            continue
        assert channels[sample.channel_id].allows(sample.value), sample


def test_a_disk_that_is_not_there_is_a_wrong_setting() -> None:
    with pytest.raises(ConfigError, match="disk_path: '/not/there' cannot be watched"):
        SystemPlugin(SystemConfig("/not/there"))


def test_a_rate_is_growth_by_time() -> None:
    readings = iter([(0, 100), (2000, 100), (500, 400)])
    times = iter([0.0, 2.0, 2.0, 3.0, 3.0])
    rate = Rate(lambda: next(readings), lambda: next(times))
    assert rate.per_second() == (1000, 0)
    assert rate.per_second() == (0, 300)  # the first counter was set back


def test_a_rate_over_no_time_is_no_rate() -> None:
    assert Rate(network_bytes, lambda: 1.0).per_second() == ()
