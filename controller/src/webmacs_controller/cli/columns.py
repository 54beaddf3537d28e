"""Rows of cells as lines in which columns stand one below the other."""

from collections.abc import Sequence


def align(rows: Sequence[Sequence[str]], right: int) -> list[str]:
    """All rows have as many cells; those of the column `right` end at the same place, the others begin there."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [_line(row, widths, right) for row in rows]


def _line(row: Sequence[str], widths: Sequence[int], right: int) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
    cells[right] = row[right].rjust(widths[right])
    return "  ".join(cells).rstrip()
