"""One channel: calibrated, then compared with its range; driven in its own unit."""

import math

import pytest
from webmacs_controller.configuration.settings import ChannelSettings
from webmacs_controller.measuring.gauge import Gauge
from webmacs_controller.sdk import Channel, Direction, PluginError

LEVEL = Channel("level", "Level", "mA", 0, 20)
PUMP = Channel("pump", "Pump", "mA", 4, 20, Direction.OUTPUT, 4)


def gauge(channel: Channel = LEVEL, **settings: object) -> Gauge:
    made = Gauge("T", channel)
    made.tune(ChannelSettings(channel=channel.id, **settings))  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("settings", "raw", "quality", "value", "told"),
    [
        ({}, 5, 192, 5, 192),
        ({}, 20.01, 192, 20.01, 84),
        ({}, -0.01, 216, -0.01, 84),
        ({"max": 4.5}, 5, 192, 5, 84),
        ({"calibration": [(4, 0), (20, 100)], "min": 0, "max": 100}, 12, 192, 50, 192),
        ({"calibration": [(4, 0), (20, 100)], "min": 0, "max": 100}, 3.9, 192, -0.625, 84),
        ({"calibration": [(0, 0.3), (20, 20.3)]}, -0.3, 192, 0, 192),  # in range only when it is calibrated
        ({}, 99, 96, 99, 84),
        ({}, 99, 64, 99, 64),  # worse than out of range already
        ({}, 99, 16, 99, 16),
        ({}, 99, 0, 99, 0),
        ({}, math.nan, 192, None, 16),
        ({}, math.inf, 8, None, 8),
        ({"calibration": [(0, -1e300), (1e-300, 1e300)]}, 1, 192, None, 16),
    ],
)
def test_a_reading(settings: dict[str, object], raw: float, quality: int, value: float | None, told: int) -> None:
    measured, its_quality = gauge(LEVEL, **settings).measure(raw, quality)
    assert (measured if measured is None else round(measured, 9), its_quality) == (value, told)


@pytest.mark.parametrize(
    ("settings", "value", "raw"),
    [
        ({}, 12, 12),
        ({"calibration": [(4, 0), (20, 100)], "min": 0, "max": 100}, 50, 12),
        ({"calibration": [(4, 100), (20, 0)], "min": 0, "max": 100}, 100, 4),
        ({"calibration": [(4, 0), (12, 80), (20, 100)], "min": 0, "max": 100}, 90, 16),
        ({"calibration": [(4, 0.1), (20, 0.3)], "min": 0.1, "max": 0.3}, 0.3, 20),
    ],
)
def test_an_output_is_driven_in_its_own_unit_and_reads_back_the_same(
    settings: dict[str, object], value: float, raw: float
) -> None:
    pump = gauge(PUMP, **settings)
    assert pump.drive(value) == pytest.approx(raw)
    read_back, quality = pump.measure(pump.drive(value), 192)
    assert read_back == pytest.approx(value)
    assert quality == 192


@pytest.mark.parametrize(
    ("channel", "settings", "value", "problem"),
    [
        (LEVEL, {}, 5, "T has no output 'level'"),
        (PUMP, {}, 3, "pump takes 4 to 20 mA, not 3"),
        (PUMP, {}, math.nan, "pump takes 4 to 20 mA, not nan"),
        (PUMP, {"calibration": [(4, 0), (20, 100)], "min": 0, "max": 100}, 101, "pump takes 0 to 100, not 101"),
        (PUMP, {"calibration": [(4, 0), (20, 100)], "max": 200}, 150, "takes 4 to 20 mA before calibration, not 28"),
    ],
)
def test_what_an_output_cannot_take_is_refused(
    channel: Channel, settings: dict[str, object], value: float, problem: str
) -> None:
    with pytest.raises(PluginError, match=problem):
        gauge(channel, **settings).drive(value)


def test_a_calibration_that_does_not_lead_back_changes_nothing() -> None:
    pump = gauge(PUMP, calibration=[(4, 0), (20, 100)], min=0, max=100)
    with pytest.raises(ValueError, match="rise or fall throughout"):
        pump.tune(ChannelSettings(channel="pump", calibration=[(4, 0), (20, 0)], min=5))
    assert pump.drive(0) == 4
