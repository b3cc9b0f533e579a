"""What the page of a case shows beside the dossier of its kind."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.models import User
from moderation import history, registry, services
from moderation.admin import words
from moderation.admin.doors import APPROVE
from moderation.forms import DecisionForm
from moderation.models import Case, Decision
from moderation.services import statements

EARLIER = 12


def about(case: Case, now: datetime, *, reader: User) -> dict[str, Any]:
    """Return where a case stands, what was decided in it, what happened, and what was asked before."""
    decisions = [_told(decision, now) for decision in _decisions(case)]
    proposal = next((one for one in decisions if one["decision"].status == Decision.Status.PROPOSED), None)
    return {
        "state": words.state(case, now, reader),
        "due": "" if case.status == Case.Status.DECIDED else words.due(case, now),
        "overdue": case.status != Case.Status.DECIDED and case.due_at < now,
        "until": words.clock(case.claim_ends_at),
        "lapsed": words.lapsed(case, now),
        "free": case.status == Case.Status.OPEN or words.lapsed(case, now),
        "decisions": [one for one in decisions if one is not proposal],
        "proposal": proposal,
        "may_approve": proposal is not None and _may_approve(case, proposal["decision"], reader),
        "history": history.of(case),
        "earlier_cases": _earlier(case, now),
    }


def choices(case: Case, form: DecisionForm) -> list[dict[str, Any]]:
    """Return what may be chosen, numbered as the keys are, with what each choice will do."""
    chosen = form["choice"].value()
    return [
        {
            "number": number,
            "choice": choice,
            "effects": choice.will_do(case),
            "sections": " ".join(choice.sections),
            "checked": choice.code == chosen,
        }
        for number, choice in enumerate(form.offered.values(), start=1)
    ]


def changes(case: Case, seen: int, *, reader: User) -> tuple[str, ...]:
    """Return in plain words what others did to the case or its subject after `seen`."""
    news = services.changes_since(case, seen, by_others_than=reader)
    return tuple(dict.fromkeys(history.words(event) for event in news))


def _decisions(case: Case) -> list[Decision]:
    related = ("section", "decided_by", "second", "reversed_by__case", "reverses__case")
    return list(case.decisions.select_related(*related).prefetch_related("appeals"))


def _told(decision: Decision, now: datetime) -> dict[str, Any]:
    appeals = list(decision.appeals.all())
    found = Case.objects.filter(subject_type="moderation.appeal", subject_id__in=[str(appeal.pk) for appeal in appeals])
    of_appeal = {case.subject_id: case for case in found}
    question = registry.question(decision.case.kind)
    choice = question.choice(decision.choice)
    waits = decision.status == Decision.Status.PROPOSED
    return {
        "decision": decision,
        "label": registry.choice_label(decision.case.kind, decision.choice),
        "effects": choice.will_do(decision.case) if choice and waits else (),
        "statement": _draft(decision, now) if waits and not (choice and choice.silent) else None,
        "appeals": [(appeal, of_appeal.get(str(appeal.pk))) for appeal in appeals],
        "reverses": getattr(decision, "reverses", None),
        "reversed_by": getattr(decision, "reversed_by", None),
    }


def _draft(decision: Decision, now: datetime) -> statements.Draft | None:
    """Return what the person will read if the proposal is approved now."""
    if not decision.case.about_id:
        return None
    approved = copy(decision)
    approved.second_at = now
    return letter(statements.draft(decision.case, approved))


def letter(draft: statements.Draft) -> statements.Draft:
    """Return what the person will read, but for the link that is his own."""
    return replace(draft, body=words.without_link(draft.body))


def _may_approve(case: Case, decision: Decision, reader: User) -> bool:
    apart = case.about_id != reader.pk and not case.barred.filter(pk=reader.pk).exists()
    return apart and decision.decided_by_id != reader.pk and reader.has_perm(APPROVE)


def _earlier(case: Case, now: datetime) -> list[dict[str, Any]]:
    """Return other cases about the same subject or account, the newest first."""
    same = Q(subject_type=case.subject_type, subject_id=case.subject_id)
    if case.about_id:
        same |= Q(about=case.about_id)
    others = Case.objects.filter(same).exclude(pk=case.pk).select_related("claimed_by").prefetch_related("decisions")
    return [
        {
            "case": other,
            "kind": registry.label(other.kind),
            "same_subject": (other.subject_type, other.subject_id) == (case.subject_type, case.subject_id),
            "state": words.state(other, now),
            "came_to": [registry.choice_label(other.kind, decision.choice) for decision in other.decisions.all()],
        }
        for other in others.order_by("-opened_at", "pk")[:EARLIER]
    ]
