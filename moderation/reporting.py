"""What can be reported: each app says in its `reporting.py` where a reference leads, also for a lower app."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models

from moderation.models import Case, Decision
from moderation.registry import Choice

if TYPE_CHECKING:
    from accounts.models import User

Lead = Callable[[str, "User | None"], models.Model | None]
SECTIONS = ("1.2", "2", "3", "4.1", "5", "6", "7", "9")


@dataclass(frozen=True)
class Subject:
    """A kind of thing that can be reported: whose account it is of, and the question that a moderator is asked."""

    code: str
    label: str
    question: str
    about: Callable[[Any], User]
    order: int = 0


@dataclass(frozen=True)
class Found:
    """What is meant by a reference, and how it is reported."""

    subject: Subject
    object: models.Model


_subjects: dict[str, Subject] = {}
_leads: dict[str, list[Lead]] = defaultdict(list)


def register(subject: Subject) -> None:
    if subject.code in _subjects:
        raise ValueError(f"{subject.code!r} can be reported twice")
    _subjects[subject.code] = subject


def lead(code: str, to: Lead) -> None:
    """Let references lead to subjects of this code: `to` returns what is meant, where this person may know of it."""
    _leads[code].append(to)


def subjects() -> tuple[Subject, ...]:
    return tuple(_subjects.values())


def find(reference: str, reporter: User | None) -> dict[str, Found]:
    """Return all that may be meant by a reference, by the code of its subject."""
    found = {}
    for code, subject in sorted(_subjects.items(), key=lambda item: item[1].order):
        thing = next((thing for to in _leads[code] if (thing := to(reference, reporter)) is not None), None)
        if thing is not None and thing != reporter:
            found[code] = Found(subject, thing)
    return found


# ---------------------------------------------------------------------------------------------------- for the questions


def dossier(case: Case) -> dict[str, Any]:
    """Return what was reported, in the words of those who did."""
    from moderation.services import reports

    return {"reports": [(report, reports.words_of(report)) for report in case.reports.select_related("account")]}


def dismissal() -> Choice:
    """Return what every question about a report offers: nothing is done, and only the reporter is told."""
    return Choice(
        "dismiss",
        "Dismiss it",
        "Nothing changes. Whoever reported it is told, and may question that.",
        SECTIONS,
        apply=lambda case, decision: None,
        undo=_reopen,
        undoing="The report goes back to the queue, to somebody who has not decided about it yet.",
        silent=True,
    )


def _reopen(case: Case, decision: Decision) -> None:
    from moderation.services import reports

    reports.reopen(case, decision)
