"""The table of `webmacs-controller read`."""

from datetime import UTC, datetime

from webmacs_controller.cli.table import render
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.measuring.point import Point

from tests.controller.devices import Tank


def test_it_shows_value_range_and_direction_and_what_is_missing_or_bad() -> None:
    bad = Point(("T", "pump"), 12.34567, datetime.now(UTC), 0)
    table = render([Instance("T", Tank(), 1.0)], {bad.source: bad}, {"T": "no answer"})
    assert table.splitlines() == [
        "instance  channel  value  unit  quality   range    direction",
        "T         level        -  m     no value  0 … 10   input",
        "T         pump     12.35  %     bad       0 … 100  output",
        "T: no answer",
    ]
