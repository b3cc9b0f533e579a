"""The figures of what was imposed on accounts, of public notices, and of the clocks: what was due, what was late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, F, Q

from accounts.models import Sanction
from moderation.figures import Cell, Period, Table, register
from moderation.models import PolicySection
from takedowns.deadlines import policies
from takedowns.models import Deadline
from velluto import health


@register
def of_sanctions(period: Period) -> Iterator[Table]:
    """Count what was imposed by kind; a notice is a line by the section that was broken, and says nothing of whom."""
    imposed = Sanction.objects.filter(period.within("starts_at"))
    kinds, lifted = (
        Counter(found.order_by().values_list("kind", flat=True)) for found in (imposed, imposed.exclude(lifted_at=None))
    )
    rows = tuple((label, kinds[kind], lifted[kind]) for kind, label in Sanction.Kind.choices if kinds[kind])
    yield Table("sanctions", "Sanctions on accounts", ("Sanction", "Imposed", "Lifted since"), rows)
    titles = {section.pk: str(section) for section in PolicySection.objects.all()}
    standing = imposed.filter(kind=Sanction.Kind.NOTICE, lifted_at=None).order_by("section")
    by_section = Counter(standing.values_list("section", flat=True))
    yield Table(
        "notices",
        "Public notices",
        ("For a grave violation of section", "Accounts"),
        tuple((titles.get(section, section), count) for section, count in by_section.items()),
        "Abuse so grave that the public is told of it (section 9). Nobody is named.",
    )


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
