"""Files that are kept up to date, unless somebody has changed them."""

from pathlib import Path

import pytest

from webmacs.install.files import File, Files
from webmacs.install.machine import Machine
from webmacs.install.step import Found, Line, Step, go
from webmacs.problem import Problem


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def run(machine: Machine, text: str, force: bool = False, once: bool = False) -> list[str]:
    step = Files("unit", machine, [File("/etc/unit", text, 0o640, once)], force)
    return [line.result for line in go([step], dry_run=False)]


def test_what_is_missing_is_written_and_then_left(machine: Machine) -> None:
    assert run(machine, "one\n") == ["changed"]
    assert machine.path("/etc/unit").read_text() == "one\n"
    assert machine.path("/etc/unit").stat().st_mode & 0o777 == 0o640
    assert run(machine, "one\n") == ["ok"]


def test_what_we_wrote_ourselves_is_replaced(machine: Machine) -> None:
    run(machine, "one\n")
    assert run(machine, "two\n") == ["changed"]
    assert machine.path("/etc/unit").read_text() == "two\n"


def test_what_was_changed_by_hand_stays_and_ours_lies_beside_it(machine: Machine) -> None:
    run(machine, "one\n")
    file = machine.path("/etc/unit")
    file.write_text("mine\n")
    assert run(machine, "two\n") == ["changed", "kept"]
    assert (file.read_text(), file.with_name("unit.dist").read_text()) == ("mine\n", "two\n")
    assert run(machine, "two\n") == ["kept"]  # said each time, and nothing more to do
    assert run(machine, "two\n", force=True) == ["changed"]
    assert (file.read_text(), file.with_name("unit.old").read_text()) == ("two\n", "mine\n")
    assert not file.with_name("unit.dist").exists()
    assert run(machine, "two\n") == ["ok"]


def test_what_was_there_before_us_counts_as_somebody_elses(machine: Machine) -> None:
    machine.path("/etc").mkdir()
    machine.path("/etc/unit").write_text("mine\n")
    assert run(machine, "one\n") == ["changed", "kept"]
    assert machine.path("/etc/unit").read_text() == "mine\n"


def test_what_is_written_once_is_never_written_again(machine: Machine) -> None:
    run(machine, "one\n", once=True)
    machine.path("/etc/unit").write_text("mine\n")
    assert run(machine, "two\n", once=True, force=True) == ["ok"]
    assert machine.path("/etc/unit").read_text() == "mine\n"


class Stubborn(Step):
    """Wants the same whatever is done."""

    name = "stubborn"

    def look(self) -> Found:
        return Found(wanted=["move"])

    def do(self) -> None:
        return


def test_a_step_that_is_not_done_afterwards_is_said() -> None:
    with pytest.raises(Problem, match="stubborn: it was done, and this is still to do: move"):
        list(go([Stubborn()], dry_run=False))
    assert list(go([Stubborn()], dry_run=True)) == [Line("would change", "stubborn", "move")]


def test_an_error_of_the_disk_names_step_and_file(machine: Machine) -> None:
    machine.path("/etc").write_text("a file where a folder belongs")
    with pytest.raises(Problem, match=r"unit: .*etc"):
        run(machine, "one\n")
