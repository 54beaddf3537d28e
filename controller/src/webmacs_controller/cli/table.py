"""The table of `read`."""

from collections.abc import Mapping, Sequence

from webmacs_controller.cli.columns import align
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.measuring.point import Point, Source
from webmacs_controller.sdk.quality import reason

HEADINGS = ("instance", "channel", "value", "unit", "quality", "range", "direction")
VALUE = HEADINGS.index("value")


def render(instances: Sequence[Instance], points: Mapping[Source, Point], problems: Mapping[str, str]) -> str:
    """A line for each channel, with the newest value that is known; problems by instance come last."""
    rows = [HEADINGS, *(row for instance in instances for row in _rows(instance, points))]
    return "\n".join([*align(rows, VALUE), *(f"{name}: {problem}" for name, problem in problems.items())])


def _rows(instance: Instance, points: Mapping[Source, Point]) -> list[tuple[str, ...]]:
    return [
        (
            instance.name,
            channel.id,
            _value(points.get((instance.name, channel.id))),
            channel.unit,
            _quality(points.get((instance.name, channel.id))),
            f"{channel.min:g} … {channel.max:g}",
            channel.direction.value,
        )
        for channel in instance.channels.values()
    ]


def _value(point: Point | None) -> str:
    return "-" if point is None else f"{point.value:.4g}"


def _quality(point: Point | None) -> str:
    return "no value" if point is None else reason(point.quality)
