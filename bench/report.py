"""What was measured, as a table on the screen and as RESULTS.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass(frozen=True)
class Row:
    """One measure. `met` is None where there is no goal."""

    measure: str
    goal: str
    found: str
    met: bool | None = None

    def cells(self) -> tuple[str, str, str, str]:
        """As the table shows it."""
        return self.measure, self.goal, self.found, {None: "", True: "yes", False: "NO"}[self.met]


def middle(values: Sequence[float]) -> float:
    """The median."""
    return median(values)


def runs(values: Sequence[float], digits: int = 0) -> str:
    """The median, and all runs in the order in which they were made."""
    each = " ".join(f"{value:,.{digits}f}" for value in values)
    return f"{median(values):,.{digits}f} ({each})"


def table(rows: list[Row]) -> str:
    """Markdown."""
    lines = [("measure", "goal", "found: median (runs)", "met"), ("---", "---", "---", "---")]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [*lines, *(row.cells() for row in rows)])


def write(facts: str, groups: dict[str, list[Row]]) -> None:
    """Replace RESULTS.md."""
    parts = ["# Results of `make bench`", facts]
    parts += [f"## {name}\n\n{table(rows)}" for name, rows in groups.items()]
    RESULTS.write_text("\n\n".join(parts) + "\n")
