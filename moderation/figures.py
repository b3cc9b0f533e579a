"""What can be counted: each app adds tables in its `counted.py`; dashboard and transparency report read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from statistics import median as middle

from django.db.models import Q
from django.utils import timezone

Cell = str | int | float | timedelta | None


@dataclass(frozen=True)
class Period:
    """Days from the first to the last, both included, by the clock of the house."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, datetime.min.time()))

    @property
    def end(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), datetime.min.time()))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def within(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.start, f"{field}__lt": self.end})


@dataclass(frozen=True)
class Value:
    """A cell under its head."""

    head: str
    cell: Cell
    number: bool


@dataclass(frozen=True)
class Table:
    """Counts (int), shares (float, 0 to 1) and times (timedelta); None where there is nothing to say.

    The first `names` columns say what a row is about.
    """

    code: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    names: int = 1

    @property
    def lines(self) -> list[list[Value]]:
        """Return the rows, each cell with what stands above it."""
        return [
            [
                Value(head, cell, place >= self.names)
                for place, (head, cell) in enumerate(zip(self.head, row, strict=True))
            ]
            for row in self.rows
        ]


_counters: list[Callable[[Period], Iterable[Table]]] = []


def register(counter: Callable[[Period], Iterable[Table]]) -> Callable[[Period], Iterable[Table]]:
    _counters.append(counter)
    return counter


def tables(period: Period) -> list[Table]:
    return [table for counter in _counters for table in counter(period)]


def median(times: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=middle(time.total_seconds() for time in times)) if times else None


def ninetieth(times: Sequence[timedelta]) -> timedelta | None:
    """Return the shortest time within which nine in ten were done."""
    return sorted(times)[ceil(0.9 * len(times)) - 1] if times else None


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
