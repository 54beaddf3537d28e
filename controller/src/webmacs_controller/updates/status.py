"""What runs, what is kept, and what became of the last update: for people and for scripts."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from webmacs_controller.updates import launcher
from webmacs_controller.updates.launcher import CURRENT, OUTCOME, PREVIOUS


def status(folder: Path) -> dict[str, object]:
    """As it lies on the disk."""
    current, previous = launcher.link_target(folder, CURRENT), launcher.link_target(folder, PREVIOUS)
    return {
        "current": current,
        "previous": previous if previous != current else None,  # the first update was taken back
        "probation": launcher.probation(folder),
        "outcome": launcher.read(folder / OUTCOME),
    }


def lines(said: Mapping[str, object]) -> Iterator[str]:
    """The same in words."""
    yield f"runs      {said['current'] or 'nothing'}"
    yield f"kept      {said['previous'] or 'nothing'}"
    if isinstance(note := said["probation"], dict):
        yield f"on probation, started {note.get('starts', 0)} times; else {note.get('back')} comes back"
    if isinstance(outcome := said["outcome"], dict):
        why = f": {outcome['why']}" if outcome.get("why") else ""
        yield f"last      {outcome.get('version')} {str(outcome.get('state')).replace('_', ' ')}{why}"
