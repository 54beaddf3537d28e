"""Orders in which the points of a trace may arrive, and what may come with them. All are repeatable."""

import random
from collections.abc import Callable
from dataclasses import replace

from tests.rules.reference import Point

Points = list[Point]


def in_order(points: Points) -> Points:
    return points


def backwards(points: Points) -> Points:
    return points[::-1]


def shuffled(points: Points) -> Points:
    return random.Random(len(points)).sample(points, len(points))


def in_swapped_pairs(points: Points) -> Points:
    """Every second point is late."""
    return [point for place in range(0, len(points), 2) for point in points[place : place + 2][::-1]]


def with_a_late_block(points: Points) -> Points:
    """The third quarter comes last."""
    half, end = len(points) // 2, 3 * len(points) // 4
    return points[:half] + points[end:] + points[half:end]


def each_twice(points: Points) -> Points:
    return [point for point in points for _ in range(2)]


def all_again(points: Points) -> Points:
    """As after a lost connection."""
    return points + points


def with_conflicts(points: Points) -> Points:
    """Each instant comes again with the next value: the first that came counts."""
    others = points[1:] + points[:1]
    return [
        told for mine, other in zip(points, others, strict=True) for told in (mine, replace(mine, value=other.value))
    ]


def late_and_repeated(points: Points) -> Points:
    return each_twice(in_swapped_pairs(points)) + with_conflicts(points)[: len(points)]


Arrival = Callable[[Points], Points]
ARRIVALS: tuple[Arrival, ...] = (
    in_order,
    backwards,
    shuffled,
    in_swapped_pairs,
    with_a_late_block,
    each_twice,
    all_again,
    with_conflicts,
    late_and_repeated,
)
