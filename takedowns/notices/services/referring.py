"""Open a draft for the police where a notice is about fraud, sextortion, intimate content or an election (policy 7)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from moderation.models import Decision
from takedowns import conduct
from takedowns.models import Notice, PoliceReferral
from velluto import audit
from velluto.transitions import move

S = PoliceReferral.Status


@transaction.atomic
def draft(notice: Notice, *, account: User | None, at: datetime | None = None) -> PoliceReferral:
    """Open a draft of a referral for a notice, or give the one there is its account; asked again, it stays one."""
    mine = PoliceReferral.objects.select_for_update(no_key=True).filter(notice=notice)
    found = mine.filter(account=account).first()
    if found is None and account is not None:
        found = mine.filter(account=None, status=S.DRAFT).first()
        if found is not None:
            found.account = account
            found.save(update_fields=["account"])
    if found is None:
        found = PoliceReferral.objects.create(
            notice=notice, account=account, made_at=at or timezone.now(), status=S.DRAFT
        )
        audit.record("takedowns.referral.drafted", subject=found, data={"notice": str(notice.pk), "harm": notice.harm})
    return found


def made(notice: Notice, account: User, *, decision: Decision) -> PoliceReferral:
    """Make a referral of the draft: the file of facts is written down, and a legal hold put on what it lists."""
    return conduct.refer_to_police(account, decision=decision, draft=draft(notice, account=account))


def drop(notice: Notice, *, actor: User | str | None, reason: str) -> None:
    """Drop the drafts of a notice that was rejected or withdrawn."""
    for found in PoliceReferral.objects.filter(notice=notice, status=S.DRAFT):
        move(found, S.DROPPED, actor=actor, reason=reason)
