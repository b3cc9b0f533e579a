"""What may be decided about something that stands against an account: to lift it, or to leave it."""

from __future__ import annotations

from typing import Any

from accounts import sanctions
from accounts.models import Sanction, Strike, User
from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from takedowns.lifting import refusals, services
from takedowns.lifting.policies import MANNERS, Manner

SECTIONS = ("9", "2", "3", "4", "5", "6")


def given(case: Case) -> Sanction | Strike:
    model: Any = Sanction if case.subject_type == Sanction._meta.label_lower else Strike
    found: Sanction | Strike = model.objects.select_related("account").get(pk=case.subject_id)
    return found


def lock(case: Case) -> None:
    """Lock the account, whose standing changes."""
    User.objects.select_for_update(no_key=True).get(pk=given(case).account_id)


def dossier(case: Case) -> dict[str, Any]:
    one = given(case)
    made = Decision.objects.filter(pk=one.decision_id).select_related("case").first() if one.decision_id else None
    return {"given": one, "made": made, "stands": services.stands(one)}


def _lift(case: Case, decision: Decision) -> None:
    one = given(case)
    if not services.stands(one):
        raise refusals.NothingToLift()
    if isinstance(one, Sanction):
        sanctions.lift(one, actor=decision.decided_by, reason=decision.reason)
    else:
        sanctions.take_back(one, actor=decision.decided_by, reason=decision.reason)


def _effects(case: Case) -> tuple[str, ...]:
    how, what = services.manner(given(case))
    return (what, "The person is told the reason.") if how.told else (what,)


def _question(manner: Manner) -> Question:
    return Question(
        kind=manner.question,
        label=manner.label,
        template="takedowns/lifting.html",
        dossier=dossier,
        mail_template="takedowns/mail/lifted.txt",
        content_type="CONTENT_TYPE_OTHER",
        detected=False,
        lock=lock,
        choices=(
            Choice(
                "lift",
                "Lift it",
                "It no longer stands.",
                SECTIONS,
                _lift,
                permission=services.SENIOR,
                grave=manner.grave,
                effects=_effects,
                silent=not manner.told,
            ),
            Choice(
                "keep",
                "Leave it as it is",
                "Nothing changes, and nobody is told.",
                SECTIONS,
                lambda case, decision: None,
                permission=services.SENIOR,
                silent=True,
            ),
        ),
    )


for one in MANNERS:
    register(_question(one))
