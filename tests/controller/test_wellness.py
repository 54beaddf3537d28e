"""When watchdogs are fed, as a table."""

import pytest
from webmacs_controller.safety.wellness import Station, complaints

PUMPS = {"name": "Pumps", "has_outputs": True, "works": True, "age": 1.0, "interval": 1.0}
LATE = "Pumps, which has outputs, was not read for 12 s"
SILENT = "Pumps, which has outputs, does not work"


@pytest.mark.parametrize(
    ("station", "disk", "words"),
    [
        ({}, [], []),
        ({"age": 11.0}, [], []),
        ({"age": 12.0}, [], [LATE]),
        ({"age": 3609.0, "interval": 3600.0}, [], []),
        ({"works": False}, [], [SILENT]),
        ({"works": False, "has_outputs": False}, [], []),
        ({"age": 3600.0, "has_outputs": False}, [], []),
        ({"owed": ("p1", "p2")}, [], ["Pumps/p1 is not at its safe value", "Pumps/p2 is not at its safe value"]),
        ({"works": False, "has_outputs": False, "owed": ("p1",)}, [], ["Pumps/p1 is not at its safe value"]),
        ({}, ["the disk is full"], ["the disk is full"]),
        ({"works": False}, ["the disk is full"], [SILENT, "the disk is full"]),
    ],
)
def test_all_is_well_or_it_is_said_what_is_not(station: dict[str, object], disk: list[str], words: list[str]) -> None:
    assert complaints([Station(**PUMPS | station)], disk) == words  # type: ignore[arg-type]


def test_one_that_is_not_well_is_enough() -> None:
    stations = [Station("A", True, True, 0, 1), Station("B", True, False, 0, 1), Station("C", True, True, 0, 1)]
    assert complaints(stations, []) == ["B, which has outputs, does not work"]
