"""Charts as rectangles that a template draws: no script, no style; the numbers stand in tables beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from moderation.figures import Period

HEIGHT = 100
MOST_BARS = 31


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    series: int  # 1, 2, ...: its colour
    title: str


@dataclass(frozen=True)
class Chart:
    title: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    width: int
    most: int
    labels: tuple[str, ...]

    @property
    def spoken(self) -> str:
        """Return what the picture shows, for those who do not see it."""
        return f"{self.title}. " + "; ".join(bar.title for bar in self.bars if bar.height)


def draw(title: str, series: tuple[str, ...], labels: Sequence[str], counts: Sequence[tuple[int, ...]]) -> Chart:
    """Return bars side by side for each label, one for each series."""
    most = max((count for group in counts for count in group), default=0)
    wide = 10 * len(series) + 4
    bars = [
        Bar(
            x=group * wide + 2 + 10 * place,
            y=round(HEIGHT - _tall(count, most), 2),
            width=9,
            height=round(_tall(count, most), 2),
            series=place + 1,
            title=f"{label}: {count} {series[place].lower()}",
        )
        for group, (label, values) in enumerate(zip(labels, counts, strict=True))
        for place, count in enumerate(values)
    ]
    return Chart(title, series, tuple(bars), wide * len(labels), most, tuple(labels))


def _tall(count: int, most: int) -> float:
    return max(HEIGHT * count / most, 1.5) if count else 0.0


def by_time(title: str, period: Period, **series: Sequence[datetime]) -> Chart:
    """Return how many moments of each series fall into each of the equal stretches of a period."""
    step = timedelta(days=-(-period.days // MOST_BARS))
    edges, at = [], period.first
    while at <= period.last:
        edges.append(at)
        at += step
    counts = [[0] * len(series) for _ in edges]
    for place, moments in enumerate(series.values()):
        for moment in moments:
            counts[(timezone.localdate(moment) - period.first) // step][place] += 1
    labels = [f"{edge:%-d %b %Y}" for edge in edges]
    names = tuple(name.capitalize() for name in series)
    return draw(title, names, labels, [tuple(count) for count in counts])


def by_length(title: str, name: str, lengths: Sequence[timedelta], edges: Sequence[tuple[str, timedelta]]) -> Chart:
    """Return how many lengths lie below each edge and not below the one before; the last takes all that are longer."""
    counts = [0] * len(edges)
    for length in lengths:
        place = next((place for place, (_, edge) in enumerate(edges) if length < edge), len(edges) - 1)
        counts[place] += 1
    return draw(title, (name,), [label for label, _ in edges], [(count,) for count in counts])
