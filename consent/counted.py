"""The figures of the gate: what became of voices, and how often a person agreed with each engine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db.models import QuerySet

from consent import services
from consent.models import Attempt, Check, ConsentRecord
from moderation.figures import Cell, Period, Table, register, share
from moderation.models import Decision

MADE = (Decision.Status.MADE, Decision.Status.REVERSED)


@register
def of_the_gate(period: Period) -> Iterator[Table]:
    yield _voices(period)
    yield _engines(period)


def _voices(period: Period) -> Table:
    choices = Counter(_decisions(period).values_list("choice", flat=True))
    withdrawn = ConsentRecord.objects.filter(period.within("withdrawn_at")).count()
    rows: tuple[tuple[Cell, ...], ...] = (
        ("Approved", choices["approve"]),
        ("Something asked for again", sum(count for code, count in choices.items() if code.startswith("again_"))),
        ("Refused", choices["reject"]),
        ("Consent withdrawn", withdrawn),
    )
    return Table("voices", "Voices", ("What", "Voices"), rows)


def _decisions(period: Period) -> QuerySet[Decision]:
    decided = period.within("case__decided_at")
    return Decision.objects.filter(decided, case__kind=services.CASE_KIND, status__in=MADE)


def _engines(period: Period) -> Table:
    """Compare what each engine found in the last tries before a decision with what the person decided."""
    decided = list(_decisions(period).values_list("case__subject_id", "case__decided_at", "choice"))
    attempts: dict[str, list[Attempt]] = defaultdict(list)
    measured = Attempt.objects.filter(voice__in={voice for voice, _, _ in decided}).order_by("submitted_at")
    for attempt in measured.prefetch_related("checks"):
        attempts[str(attempt.voice_id)].append(attempt)
    found: dict[tuple[str, str], Counter[tuple[bool, bool]]] = defaultdict(Counter)
    for voice, at, choice in decided:
        last = {attempt.step: attempt for attempt in attempts[voice] if at is not None and attempt.submitted_at <= at}
        said: dict[tuple[str, str], bool] = {}
        for check in (check for attempt in last.values() for check in attempt.checks.all()):
            if check.code != "engine_failed":
                engine = (check.engine, check.version)
                said[engine] = said.get(engine, True) and check.verdict == Check.Verdict.PASSED
        for engine, passed in said.items():
            found[engine][passed, choice == "approve"] += 1
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            f"{engine} {version}",
            counts[True, True],
            counts[True, False],
            counts[False, True],
            counts[False, False],
            share(counts[True, True] + counts[False, False], counts.total()),
        )
        for (engine, version), counts in sorted(found.items())
    )
    head = ("Engine", "Both yes", "Machine yes, person no", "Machine no, person yes", "Both no", "Agreed")
    note = "Yes of the machine: all it measured in the last tries passed. Yes of the person: the voice was approved."
    return Table("engines", "Machine and person, for each engine", head, rows, note)
