"""Hear the account whose voice a notice is about (DSA Article 20)."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from takedowns.models import Claim, CounterNotice
from takedowns.notices import policies, refusals
from takedowns.notices.services import asked, words
from velluto import audit


def counter_until(claim: Claim) -> datetime | None:
    """Return until when the account may answer; None where it was not told."""
    return claim.told_at + policies.COUNTER_WITHIN if claim.told_at else None


def counter(claim: Claim, *, text: str, actor: User, at: datetime | None = None) -> CounterNotice:
    """File what the account says against a notice, once, before it is decided and within fourteen days.

    Raise WordsMissing, CounterNoticeTooLate, CounterNoticeFiled.
    """
    at, text = at or timezone.now(), text.strip()
    if not text or len(text) > policies.LONGEST_WORDS:
        raise refusals.WordsMissing(most=policies.LONGEST_WORDS)
    with transaction.atomic():
        asked.lock(claim.notice)
        kept = Claim.objects.select_related("notice", "voice__account").select_for_update(of=("self",), no_key=True)
        claim = kept.get(pk=claim.pk)
        until = counter_until(claim)
        if claim.status != Claim.Status.OPEN or until is None or at > until:
            raise refusals.CounterNoticeTooLate()
        filed = CounterNotice(claim=claim, account=actor, filed_at=at)
        filed.sealed = words.seal_words(claim.notice, filed, text)
        try:
            with transaction.atomic():
                filed.save(force_insert=True)
        except IntegrityError as error:
            raise refusals.CounterNoticeFiled() from error
        words.tell_claimant(claim.notice, "countered", filed.pk)
        audit.record("takedowns.counter_notice.filed", actor=actor, subject=filed, data={"claim": str(claim.pk)})
        if not claim.questions.filter(status="asked").exists():
            asked.ask_about(claim, reason="a counter-notice was filed", at=at)
        return filed
