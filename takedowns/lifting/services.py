"""Lift what stands against an account: a case like any other, decided at once, or proposed to a second person.

So that there is a section, a reason, both names where two are needed and a letter, as there were when it was imposed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Sanction, Strike, User
from moderation import services as moderation
from moderation.models import Case, Decision
from takedowns.lifting import refusals
from takedowns.lifting.policies import Manner, manner_of
from takedowns.models import LegalRequest

SENIOR = "moderation.approve_decision"
DUE = timedelta(days=3)


def manner(given: Sanction | Strike) -> tuple[Manner, str]:
    """Return how this is lifted, and what follows from it."""
    return manner_of(given.kind if isinstance(given, Sanction) else "")


def name(given: Sanction | Strike) -> str:
    return given.get_kind_display() if isinstance(given, Sanction) else "Strike"


def stands(given: Sanction | Strike, *, at: datetime | None = None) -> bool:
    at = at or timezone.now()
    if isinstance(given, Sanction):
        return Sanction.objects.standing(at=at).filter(pk=given.pk).exists()
    return Strike.objects.in_force(at=at).filter(pk=given.pk).exists()


@transaction.atomic
def lift(given: Sanction | Strike, *, section: str, reason: str, actor: User, at: datetime | None = None) -> Decision:
    """Lift a sanction or a strike; where it was grave, propose that to a second person."""
    at = at or timezone.now()
    if not actor.has_perm(SENIOR):
        raise refusals.LiftRefused()
    User.objects.select_for_update(no_key=True).get(pk=given.account_id)  # first, as those who decide do
    if not stands(given, at=at):
        raise refusals.NothingToLift()
    if isinstance(given, Sanction) and given.legal_requests.filter(status__in=LegalRequest.UNANSWERED).exists():
        raise refusals.HeldForAnAuthority()
    how, _ = manner(given)
    if Case.objects.about(given).filter(status=Case.Status.PROPOSED).exists():
        raise refusals.LiftProposed()
    case = moderation.open_case(
        kind=how.question,
        subject=given,
        title=f"{name(given)}: to be lifted?",
        about=given.account,
        due_at=at + DUE,
        severity=Case.Severity.RAISED if how.grave else Case.Severity.ROUTINE,
        reason="a senior moderator asked for it",
    )
    moderation.claim(case, actor=actor, at=at)
    return moderation.decide(case, choice="lift", section=section, reason=reason, actor=actor, at=at)
