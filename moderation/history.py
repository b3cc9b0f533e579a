"""What happened to a case and to what it is about, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.apps import apps
from django.db.models import Q, QuerySet

from accounts.models import User
from moderation.models import Case
from velluto.audit.models import AuditEvent

SHOWN = 100
_OF_CASES = {
    "moderation.case.opened": "the case was opened",
    "moderation.case.asked_again": "the same was asked again",
    "moderation.case.claimed": "the case was taken",
    "moderation.case.open": "the case went back to the queue",
    "moderation.case.proposed": "a grave decision was proposed; it waits for a second person",
    "moderation.case.decided": "the case was decided",
    "moderation.case.withdrawn": "the case was closed, for nothing was left to decide",
}


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    at: datetime
    what: str
    who: str
    reason: str


def events(case: Case) -> QuerySet[AuditEvent]:
    """Return the audit rows of a case and of its subject."""
    about_case = Q(subject_type=Case._meta.label_lower, subject_id=str(case.pk))
    return AuditEvent.objects.filter(about_case | Q(subject_type=case.subject_type, subject_id=case.subject_id))


def words(event: AuditEvent) -> str:
    """Say what an audit row says: in the words of the queue, or those of the status that something took."""
    if event.event in _OF_CASES:
        return _OF_CASES[event.event]
    last = event.event.rpartition(".")[2]
    try:
        model = apps.get_model(event.subject_type)
        thing = str(model._meta.verbose_name)
    except (LookupError, ValueError):
        return last.replace("_", " ")
    status = next((field for field in model._meta.fields if field.name == "status"), None)
    names = dict(getattr(status, "flatchoices", ()))
    became = str(names.get(_facts(event).get("to", ""), last.replace("_", " ")))
    return f"the {thing}: {became.lower()}"


def of(case: Case) -> list[Line]:
    """Return what happened last, the newest first."""
    rows = list(events(case).order_by("-pk")[:SHOWN])
    names = _names(row.actor for row in rows)
    holders = _names(f"account:{_facts(row).get('holder', '')}" for row in rows)
    return [Line(row.at, _in_full(row, holders), names.get(row.actor, row.actor), row.reason) for row in rows]


def _in_full(row: AuditEvent, holders: dict[str, str]) -> str:
    holder = f"account:{_facts(row).get('holder', '')}"
    if row.event == "moderation.case.claimed" and holder != row.actor and holder in holders:
        return f"the case was handed over to {holders[holder]}"
    return words(row)


def _facts(event: AuditEvent) -> dict[str, Any]:
    return cast(dict[str, Any], event.data)


def _names(actors: Iterable[str]) -> dict[str, str]:
    """Return what people call those whom the audit names by their accounts."""
    wanted = {actor.removeprefix("account:") for actor in actors if actor.startswith("account:")} - {""}
    found = {f"account:{user.pk}": user.get_short_name() for user in User.objects.filter(pk__in=wanted)}
    return {**found, "system": "Velluto", "appeal-link": "somebody with the link to appeal"}
