"""Rows for people, or as JSON for scripts."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click


def show(rows: Sequence[Any], columns: Sequence[str], as_json: bool) -> None:
    """Print dataclasses: all their fields as JSON, or `columns` as a table."""
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], default=str, indent=2))
        return
    lines = [list(columns), *([_text(getattr(row, column)) for column in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    return "-" if value is None else str(value)
