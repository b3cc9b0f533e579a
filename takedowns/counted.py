"""The figures of the clocks: what was due, and what was late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, F, Q

from moderation.figures import Cell, Period, Table, register
from takedowns.deadlines import policies
from takedowns.models import Deadline
from velluto import health


@register
def of_the_clocks(period: Period) -> Iterator[Table]:
    """Count by the day that something was due, so that no deadline counts in two periods."""
    due = Deadline.objects.filter(period.within("due_at")).order_by().values_list("kind")
    counted = due.annotate(
        Count("pk"),
        in_time=Count("pk", filter=Q(met_at__lte=F("due_at"))),
        late=Count("pk", filter=Q(met_at__gt=F("due_at"))),
        breached=Count("pk", filter=Q(breached_at__isnull=False)),
    )
    counts = {kind: numbers for kind, *numbers in counted}
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (label, *counts.get(kind, (0, 0, 0, 0))) for kind, label in policies.LABELS.items()
    )
    head = ("Deadline", "Due", "Met", "Met too late", "Breached")
    note = "A deadline runs from receipt and never pauses. A breach stays on record, met later or not."
    yield Table("deadlines", "Deadlines of takedowns", head, rows, note)


@health.measured
def clocks(now: datetime) -> Iterator[str]:
    for name, about, which in (
        ("velluto_deadlines_running", "Deadlines that are not met yet.", Q(met_at=None)),
        ("velluto_deadlines_breached", "Deadlines that were missed, ever.", Q(breached_at__isnull=False)),
    ):
        yield from health.about(name, about)
        counted = Deadline.objects.filter(which).order_by().values_list("kind").annotate(Count("pk"))
        found = dict(counted)
        for kind in policies.WITHIN:
            yield f'{name}{{kind="{kind}"}} {found.get(kind, 0)}'
