"""`webmacs-controller buffer`: what is on disk, also beside a controller that has it open."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from webmacs_controller.cli.main import main
from webmacs_controller.clock.clock import Clock
from webmacs_controller.configuration.saved import Saved
from webmacs_controller.configuration.settings import Configuration, InstanceSettings
from webmacs_controller.measuring.point import Point
from webmacs_controller.storage.store import Store

from tests.controller.machine import NOON, TurnedKernel, right_clock

SETTINGS = '[server]\nurl = "ws://127.0.0.1:1/"\ntoken = "t"\n[[instances]]\nname = "A"\nplugin = "system"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "controller.toml").write_text(SETTINGS)
    return tmp_path / "controller.buffer"


def shown(file: Path, exit_code: int = 0) -> list[str]:
    result = CliRunner().invoke(main, ["buffer", "--config", str(file.with_name("controller.toml"))])
    assert result.exit_code == exit_code, result.output
    return result.output.splitlines()


def points(instance: str, seconds: float, count: int) -> list[Point]:
    times = [NOON + timedelta(seconds=seconds + place) for place in range(count)]
    return [Point((instance, "level"), 1.5, time, 192) for time in times]


def test_each_instance_with_its_points_and_times(file: Path) -> None:
    with closing(Store(file, 1 << 30, timedelta(days=9), right_clock())) as store:
        store.write([points("Tank", 0, 3) + points("Oven", 1, 1)])
        store.write([points("Tank", 60, 2)])
        lines = shown(file)
    assert "6 points in 2 rows; the file takes 0.1 MB" in lines[0]
    assert [line.split() for line in lines[1:]] == [
        ["instance", "points", "oldest", "newest"],
        ["Oven", "1", "2026-03-01", "12:00:00+00:00", "2026-03-01", "12:00:02+00:00"],
        ["Tank", "5", "2026-03-01", "12:00:00+00:00", "2026-03-01", "12:01:01+00:00"],
    ]


def test_an_instance_is_shown_by_the_name_that_it_has_now(file: Path) -> None:
    settings = InstanceSettings(name="Kiln", public_id="1f0c2a77", plugin="system")
    Saved(file.with_name("controller.configuration")).save(Configuration(version=2, instances=[settings]))
    with closing(Store(file, 1 << 30, timedelta(days=9), right_clock())) as store:
        store.write([points("1f0c2a77", 0, 3) + points("deleted", 0, 1)])
        assert [line.split()[:2] for line in shown(file)[2:]] == [["Kiln", "3"], ["deleted", "1"]]


def test_times_of_a_clock_that_is_not_set_have_a_question_mark(file: Path) -> None:
    clock = Clock(TurnedKernel(synchronised=False))
    with closing(Store(file, 1 << 30, timedelta(days=9), clock)) as store:
        store.write([[Point(("Tank", "level"), 1, clock.now(), 192)]])
        assert shown(file)[2].split() == ["Tank", "1", *["2026-03-01", "12:00:30+00:00"] * 2, "?"]


def test_where_nothing_waits(file: Path) -> None:
    assert "is not there: nothing has ever waited" in shown(file)[0]
    with closing(Store(file, 1 << 30, timedelta(days=9), right_clock())) as store:
        store.remove(store.write([points("Tank", 0, 3)]))
        assert shown(file)[1:] == ["nothing waits"]


def test_a_file_that_is_none_is_one_line(file: Path) -> None:
    file.write_bytes(b"nonsense" * 1000)
    assert "file is not a database" in shown(file, exit_code=1)[0]
