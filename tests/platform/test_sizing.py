"""PostgreSQL's settings for machines of any size: they fit, and PostgreSQL takes them."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.postgres import Address
from webmacs.cli.main import main
from webmacs.embedded.sizing import GB, MB, fragment, memory, of_this_machine, settings

BYTES = ("shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem", "max_wal_size", "min_wal_size")


def sizes(gigabytes: float, disk: int = 100 * GB) -> dict[str, int]:
    """In bytes."""
    found = settings(int(gigabytes * GB), disk)
    return {name: int(found[name].removesuffix("MB")) * MB for name in BYTES}


@pytest.mark.parametrize("gigabytes", [0.5, 1, 2, 4, 8, 16, 64])
def test_they_fit_the_memory(gigabytes: float) -> None:
    found = sizes(gigabytes)
    assert found["shared_buffers"] <= gigabytes * GB / 4
    assert found["shared_buffers"] < found["effective_cache_size"] < gigabytes * GB
    # ten of our statements that sort at once, and one index that is made
    assert found["shared_buffers"] + 10 * found["work_mem"] + found["maintenance_work_mem"] < gigabytes * GB / 2


def test_larger_machines_have_more() -> None:
    small, middle, large = (sizes(gigabytes) for gigabytes in (1, 4, 16))
    for name in BYTES:
        assert small[name] <= middle[name] <= large[name]
    assert small["shared_buffers"] < middle["shared_buffers"] < large["shared_buffers"]


@pytest.mark.parametrize("disk", [GB // 4, GB, 8 * GB, 32 * GB, 1000 * GB])
def test_wal_fits_the_disk(disk: int) -> None:
    found = sizes(16, disk)
    assert found["max_wal_size"] <= max(disk / 10, 64 * MB)
    assert 32 * MB <= found["min_wal_size"] <= found["max_wal_size"] / 2


@pytest.mark.parametrize("gigabytes", [1, 4, 16])
def test_postgresql_takes_them(gigabytes: float, postgres: Address) -> None:
    with postgres.connect() as connection:
        for name, value in settings(int(gigabytes * GB), 100 * GB).items():
            known = connection.execute("select vartype from pg_settings where lower(name) = lower(%s)", [name])
            assert known.fetchone(), name
            # one that is wrong is refused, and the others are not kept
            connection.execute(f"alter system set {name} = '{value}'".encode())
            connection.execute(f"alter system reset {name}".encode())


def test_of_this_machine(tmp_path: Path) -> None:
    assert 0 < memory() < 1 << 50
    assert of_this_machine(tmp_path / "not/there/yet").keys() == settings(GB, GB).keys()


def test_the_command_prints_a_fragment() -> None:
    printed = CliRunner().invoke(main, ["database-settings", "--memory", "1", "--data", "/"])
    assert printed.exit_code == 0
    assert re.search(r"^shared_buffers = '128MB'$", printed.output, re.MULTILINE)
    assert all(re.fullmatch(r"#.*|\w+ = '[^']+'", line) for line in printed.output.splitlines())
    assert CliRunner().invoke(main, ["database-settings", "--memory", "0"]).exit_code == 2


def test_a_fragment_has_every_setting() -> None:
    found = settings(4 * GB, 100 * GB)
    assert [line.split(" = ")[0] for line in fragment(found).splitlines()[1:]] == list(found)
