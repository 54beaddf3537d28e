"""What a step of an installation is, and how steps are gone through."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from webmacs.problem import Problem


@dataclass(frozen=True)
class Found:
    """How it is: what is there, what is wanted besides (nothing: the step is done), what stays as somebody made it."""

    there: str = ""
    wanted: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    left_out: str = ""


class Step:
    """One thing that an installation has."""

    name = ""

    def look(self) -> Found:
        """How it is. Changes nothing, and does not fail because a step before has not been done."""
        raise NotImplementedError

    def do(self) -> None:
        """Do what `look` wants. Raises Problem, which says what to do."""
        raise NotImplementedError


@dataclass(frozen=True)
class Line:
    """What is told of a step. `result`: ok, changed, would change, kept, left out."""

    result: str
    name: str
    text: str


def go(steps: Iterable[Step], dry_run: bool) -> Iterator[Line]:
    """Each step in order, with what came of it. Raises Problem; what was done before stays, and counts next time."""
    for step in steps:
        found = step.look()
        if found.left_out:
            yield Line("left out", step.name, found.left_out)
            continue
        if not found.wanted:
            if not found.kept:
                yield Line("ok", step.name, found.there)
        elif dry_run:
            yield from (Line("would change", step.name, text) for text in found.wanted)
        else:
            _do(step)
            yield from (Line("changed", step.name, text) for text in found.wanted)
        yield from (Line("kept", step.name, text) for text in found.kept)


def _do(step: Step) -> None:
    """Do it, and see that it is done."""
    try:
        step.do()
    except OSError as error:
        raise Problem(f"{step.name}: {error.filename or 'a file'}: {error.strerror}.") from error
    if left := step.look().wanted:
        raise Problem(f"{step.name}: it was done, and this is still to do: {'; '.join(left)}.")
