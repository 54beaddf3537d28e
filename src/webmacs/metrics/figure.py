"""The text that Prometheus reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Figure:
    """One figure, with a sample for each set of labels. `kind` is gauge, counter or histogram."""

    name: str
    kind: str
    meaning: str
    samples: list[tuple[str, Mapping[str, str], float]] = field(default_factory=list)

    def add(self, value: float, suffix: str = "", **labels: str) -> "Figure":
        """A sample; the same figure, for the next."""
        self.samples.append((suffix, labels, value))
        return self


def gauge(name: str, meaning: str, value: float | None = None) -> Figure:
    """What goes up and down."""
    figure = Figure(name, "gauge", meaning)
    return figure if value is None else figure.add(value)


def counter(name: str, meaning: str, value: float | None = None) -> Figure:
    """What only rises while the process lives."""
    figure = Figure(name, "counter", meaning)
    return figure if value is None else figure.add(value)


def by_label(figure: Figure, label: str, values: Mapping[str, float]) -> Figure:
    """The same figure, with a sample for each value of `label`."""
    for key, value in sorted(values.items()):
        figure.add(value, **{label: key})
    return figure


class Histogram:
    """How long something took, counted by upper bounds in seconds."""

    def __init__(self, *bounds: float) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def note(self, seconds: float) -> None:
        """Once more."""
        self._sum += seconds
        place = next((place for place, bound in enumerate(self._bounds) if seconds <= bound), len(self._bounds))
        self._counts[place] += 1

    def figure(self, name: str, meaning: str) -> Figure:
        """With all bounds, each counting what is below it."""
        figure, total = Figure(name, "histogram", meaning), 0
        for bound, count in zip([*map(str, self._bounds), "+Inf"], self._counts, strict=True):
            total += count
            figure.add(total, "_bucket", le=bound)
        return figure.add(self._sum, "_sum").add(total, "_count")


def text(figures: Iterable[Figure]) -> str:
    """All of them."""
    lines = []
    for figure in figures:
        lines += [f"# HELP {figure.name} {figure.meaning}", f"# TYPE {figure.name} {figure.kind}"]
        lines += [f"{figure.name}{suffix}{_labels(labels)} {value:.10g}" for suffix, labels, value in figure.samples]
    return "\n".join([*lines, ""])


def _labels(labels: Mapping[str, str]) -> str:
    quoted = [f'{key}="{_escaped(value)}"' for key, value in labels.items()]
    return f"{{{','.join(quoted)}}}" if quoted else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
