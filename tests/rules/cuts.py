"""Ways to cut what arrives into batches, and batches in which the points of many cases stand between each other."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
Pieces = list[Sequence[T]]


def whole(points: Sequence[T]) -> list[Sequence[T]]:
    return [points]


def one_by_one(points: Sequence[T]) -> list[Sequence[T]]:
    return _at(points, range(len(points)))


def in_threes(points: Sequence[T]) -> list[Sequence[T]]:
    return _at(points, range(0, len(points), 3))


def anywhere(points: Sequence[T]) -> list[Sequence[T]]:
    """At random, but the same each time."""
    chance = random.Random(repr(points))
    return _at(points, [0, *(place for place in range(1, len(points)) if chance.random() < 0.35)])


Cut = Callable[[Sequence[T]], list[Sequence[T]]]


def _at(points: Sequence[T], places: Sequence[int]) -> list[Sequence[T]]:
    return [points[start:end] for start, end in zip(places, [*places[1:], len(points)], strict=True)]


def interleaved(cut: Callable[[Sequence[T]], list[Sequence[T]]], of_each: Sequence[Sequence[T]]) -> Iterator[list[T]]:
    """Batch after batch, of each sequence its next piece, shuffled into each other; each keeps its own order."""
    pieces = [cut(points) for points in of_each]
    for turn in range(max(map(len, pieces))):
        yield _shuffled_together([piece[turn] for piece in pieces if turn < len(piece)], turn)


def _shuffled_together(pieces: list[Sequence[T]], seed: int) -> list[T]:
    turns = [number for number, piece in enumerate(pieces) for _ in piece]
    random.Random(seed).shuffle(turns)
    left = [iter(piece) for piece in pieces]
    return [next(left[number]) for number in turns]
