"""The figures of the queue: cases, decisions, restrictions, appeals and reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Q
from django.utils import timezone

from moderation import registry
from moderation.figures import Cell, Period, Table, median, ninetieth, register, share
from moderation.models import Appeal, Case, Decision, PolicySection, Report, StatementOfReasons

MADE = (Decision.Status.MADE, Decision.Status.REVERSED)
RESTRICTIONS = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")


class Answer(NamedTuple):
    """A case that somebody decided."""

    kind: str
    took: timedelta
    in_time: bool
    overturned: bool


@register
def of_the_queue(period: Period) -> Iterator[Table]:
    yield _cases(period)
    yield _decisions(period)
    yield _restrictions(period)
    yield _appeals(period)
    yield _automated(period)
    yield from _reports(period)


def waiting(period: Period) -> list[datetime]:
    """Return since when each case waits that is undecided at the period's end, the longest first."""
    return sorted(Case.objects.filter(open_at(period.end)).values_list("opened_at", flat=True))


def open_at(end: datetime) -> Q:
    return Q(opened_at__lt=end) & (Q(decided_at=None) | Q(decided_at__gte=end))


def decided(period: Period) -> Iterator[Answer]:
    """Yield the cases that somebody decided in the period."""
    found = Decision.objects.filter(period.within("case__decided_at"), status__in=MADE).values_list(
        "case__kind", "case__opened_at", "case__decided_at", "case__due_at", "status"
    )
    for kind, opened, at, due, status in found:
        if at is not None:
            yield Answer(kind, at - opened, at <= due, status == Decision.Status.REVERSED)


def _cases(period: Period) -> Table:
    opened = Counter(Case.objects.filter(period.within("opened_at")).values_list("kind", flat=True))
    closed = Counter(
        Case.objects.filter(period.within("decided_at"))
        .exclude(decisions__status__in=MADE)
        .values_list("kind", flat=True)
    )
    answers: dict[str, list[Answer]] = defaultdict(list)
    for answer in decided(period):
        answers[answer.kind].append(answer)
    waits: dict[str, list[datetime]] = defaultdict(list)
    overdue: Counter[str] = Counter()
    until = min(period.end, timezone.now())
    for kind, since, due in Case.objects.filter(open_at(period.end)).values_list("kind", "opened_at", "due_at"):
        waits[kind].append(since)
        overdue[kind] += due < until
    rows: list[tuple[Cell, ...]] = []
    for kind in sorted({*opened, *closed, *answers, *waits}):
        done = answers[kind]
        took = [answer.took for answer in done]
        in_time = sum(answer.in_time for answer in done)
        rows.append(
            (
                _label(kind),
                opened[kind],
                len(done),
                closed[kind],
                len(waits[kind]),
                until - min(waits[kind]) if waits[kind] else None,
                in_time,
                len(done) - in_time + overdue[kind],
                median(took),
                ninetieth(took),
                share(sum(answer.overturned for answer in done), len(done)),
            )
        )
    return Table(
        "cases",
        "Cases",
        (
            "Question",
            "Opened",
            "Decided",
            "Closed without a decision",
            "Waiting at the end",
            "Oldest waits",
            "Deadlines met",
            "Deadlines breached",
            "Median time",
            "Nine in ten within",
            "Overturned",
        ),
        tuple(rows),
        "A deadline is breached by a case that was decided too late, or was still waiting past it at the end.",
    )


def _decisions(period: Period) -> Table:
    made = (
        Decision.objects.filter(period.within("case__decided_at"), status__in=MADE)
        .values("section")
        .annotate(made=Count("pk"), reversed=Count("pk", filter=Q(status=Decision.Status.REVERSED)))
    )
    titles = {section.pk: str(section) for section in PolicySection.objects.all()}
    rows = tuple((titles[row["section"]], row["made"], row["reversed"]) for row in made.order_by("section"))
    return Table("decisions", "Decisions by section of the policy", ("Section", "Made", "Reversed since"), rows)


def _restrictions(period: Period) -> Table:
    counts: Counter[tuple[str, str]] = Counter()
    for fields in StatementOfReasons.objects.filter(period.within("composed_at")).values_list("fields", flat=True):
        for field in RESTRICTIONS:
            said = fields.get(field) or []
            counts.update((field, value) for value in ([said] if isinstance(said, str) else said))
    rows = tuple((field, value, count) for (field, value), count in sorted(counts.items()))
    note = "Fields and values as in the DSA Transparency Database."
    return Table("restrictions", "Restrictions", ("Field", "Value", "Statements of reasons"), rows, note, names=2)


def _appeals(period: Period) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for side, label in Appeal.Side.choices:
        appeals = Appeal.objects.filter(side=side)
        answered = list(appeals.filter(period.within("answered_at")).values_list("status", "filed_at", "answered_at"))
        outcome = Counter(status for status, _, _ in answered)
        took = [at - filed for _, filed, at in answered if at is not None]
        filed = appeals.filter(period.within("filed_at")).count()
        overturned = outcome[Appeal.Status.OVERTURNED]
        rows.append(
            (
                label,
                filed,
                outcome[Appeal.Status.UPHELD],
                overturned,
                share(overturned, len(answered)),
                median(took),
            )
        )
    head = ("Side", "Filed", "Decision stands", "Decision overturned", "Share overturned", "Median time")
    return Table("appeals", "Appeals and their outcomes", head, tuple(rows))


def _automated(period: Period) -> Table:
    found = Counter(
        (fields.get("automated_detection"), fields.get("automated_decision"))
        for fields in StatementOfReasons.objects.filter(period.within("composed_at")).values_list("fields", flat=True)
    )
    alone = sum(count for (_, decided), count in found.items() if decided != "AUTOMATED_DECISION_NOT_AUTOMATED")
    machine = found["Yes", "AUTOMATED_DECISION_NOT_AUTOMATED"]
    rows: tuple[tuple[Cell, ...], ...] = (
        ("Found by a machine, decided by a person", machine),
        ("Found or reported by people, decided by a person", found.total() - machine - alone),
        ("Decided by a machine", alone),
    )
    return Table("automated", "Automated means", ("How", "Statements of reasons"), rows)


def _reports(period: Period) -> Iterator[Table]:
    came = Report.objects.filter(period.within("received_at"))
    by_category = Counter(came.values_list("category", flat=True))
    labels = dict(Report.Category.choices)
    rows = tuple((labels.get(category, category), count) for category, count in sorted(by_category.items()))
    yield Table("reports", "Reports received", ("As", "Reports"), rows)
    origin = came.aggregate(
        notifiers=Count("pk", filter=Q(trusted=True)),
        accounts=Count("pk", filter=Q(trusted=False, account__isnull=False)),
        others=Count("pk", filter=Q(account=None)),
    )
    settled = Counter(Report.objects.filter(period.within("settled_at")).values_list("status", flat=True))
    yield Table(
        "report_outcomes",
        "Reports: from whom, and what came of them",
        ("What", "Reports"),
        (
            ("From trusted notifiers", origin["notifiers"]),
            ("From other accounts", origin["accounts"]),
            ("From people without an account", origin["others"]),
            ("Settled: something was done", settled[Report.Status.ACTED]),
            ("Settled: nothing was done", settled[Report.Status.NOT_ACTED]),
        ),
    )


def _label(kind: str) -> str:
    return next((question.label for question in registry.questions() if question.kind == kind), kind)
