"""How much waits, counted no further than anybody needs: a long queue costs no more than a short one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

from moderation import registry
from moderation.models import Case

MOST = 999  # counted exactly; beyond it "more than"
MOST_LISTED = 2000  # rows that one can page through; beyond it one filters or searches


def count(cases: QuerySet[Any], most: int = MOST) -> int:
    """Count rows, but none beyond one more than `most`."""
    return cases.order_by()[: most + 1].values("pk").count()


class CappedPaginator(Paginator):
    """Pages of the first MOST_LISTED rows; nothing counts the whole table."""

    @cached_property
    def found(self) -> int:
        return count(cast(QuerySet[Any], self.object_list), MOST_LISTED)

    @property
    def more(self) -> bool:
        return self.found > MOST_LISTED

    @cached_property
    def count(self) -> int:
        return min(self.found, MOST_LISTED)


@dataclass(frozen=True)
class Cell:
    """One number of the overview, and the filters that list what it counts."""

    number: int
    query: str

    @property
    def words(self) -> str:
        return f"over {MOST:,}" if self.number > MOST else f"{self.number:,}"


def overview(now: datetime) -> list[tuple[str, list[Cell]]]:
    """Return for each kind of case that waits how many do, are overdue, due within a day, older than three days."""
    rows = []
    for question in registry.questions():
        waiting = Case.objects.waiting().filter(kind=question.kind)
        parts = {
            "": waiting,
            "&due=over": waiting.filter(due_at__lt=now),
            "&due=day": waiting.filter(due_at__range=(now, now + timedelta(days=1))),
            "&age=3": waiting.filter(opened_at__lt=now - timedelta(days=3)),
        }
        if waiting.exists():
            cells = [Cell(count(part), f"?kind={question.kind}{query}") for query, part in parts.items()]
            rows.append((question.label, cells))
    return rows
