"""Do what was decided about a notice, settle it once nothing is left to decide, and undo what an appeal overturns."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from moderation import services as moderation
from moderation.models import Case, Decision, NoGoEntry
from moderation.services import nogo
from synthesis import services as synthesis
from takedowns import conduct, services
from takedowns.deadlines import policies as clocks
from takedowns.deadlines import services as deadlines
from takedowns.models import Claim, Notice, NoticeQuestion, NotifierBar, Revocation
from takedowns.notices import policies, refusals
from takedowns.notices.services import asked, claims, referring, words
from takedowns.refusals import VoiceEnded
from velluto import audit
from velluto.transitions import move


def uphold(claim: Claim, *, decision: Decision, listing: bool = False, police: bool = False) -> None:
    """Say that the notice is right: the voice ends, what it said goes at once where harm was done with it.

    `listing` puts the person on the No-Go list, `police` makes a referral of the draft. What is upheld again and again
    goes before those who keep the list, and those who decide about accounts.
    """
    actor, at = decision.second or decision.decided_by, decision.second_at or decision.decided_at
    with transaction.atomic():
        notice = claim.notice
        account = claim.voice.account
        if police and account is not None:  # first: the hold keeps the evidence from what follows
            referring.made(notice, account, decision=decision)
        move(claim, Claim.Status.UPHELD, actor=actor, reason="a takedown notice", decided_at=at)
        with suppress(VoiceEnded):  # its account was faster
            services.revoke(claim.voice, by=Revocation.By.STAFF, actor=actor, reason="a takedown notice", at=at)
        if notice.is_grave:
            synthesis.end_outputs(claim.voice, after=at)
        if listing or _is_repeated(notice, at):
            _list(claim, actor=actor, asked=listing, at=at)
        _ask_about_account(account, at=at)
        claims.acknowledge(notice, actor=actor, at=at)
        settle(notice, actor=actor, at=at)


def reject(claim: Claim, *, decision: Decision, at: datetime | None = None) -> None:
    """Say that the notice is not right about this voice: it speaks again, unless something else holds it."""
    actor, at = decision.decided_by, at or decision.decided_at
    with transaction.atomic():
        move(claim, Claim.Status.REJECTED, actor=actor, reason="a takedown notice", decided_at=at, credible=False)
        claims.let_go(claim, actor=actor, reason="the takedown notice was rejected")
        claims.acknowledge(claim.notice, actor=actor, at=at)
        settle(claim.notice, actor=actor, at=at)


def none_found(notice: Notice, *, decision: Decision) -> None:
    """Say that no voice here is the claimant's."""
    with transaction.atomic():
        claims.acknowledge(notice, actor=decision.decided_by, at=decision.decided_at)
        settle(notice, actor=decision.decided_by, at=decision.decided_at)


def withdraw(notice: Notice, *, at: datetime | None = None) -> None:
    """Take a notice back; what it held speaks again. One about grave harm is looked at all the same."""
    at = at or timezone.now()
    who = notice.account or "notifier"
    if notice.is_grave:
        raise refusals.NoticeNotWithdrawn()
    with transaction.atomic():
        claims.lock(notice.claims.values_list("voice", flat=True))
        kept = asked.lock(notice)
        if kept.status != Notice.Status.OPEN:
            raise refusals.NoticeClosed()
        being_verified = list(kept.claims.select_for_update(no_key=True).filter(status=Claim.Status.OPEN))
        for case in asked.cases_of(kept):
            moderation.withdraw_case(case, actor=who, reason="the notice was withdrawn")
        for claim in being_verified:
            told = claim.told_at is not None
            move(claim, Claim.Status.WITHDRAWN, actor=who, decided_at=at, credible=False)
            claims.let_go(claim, actor=who, reason="the takedown notice was withdrawn")
            if told:
                words.tell_uploader(claim, "withdrawn")
        _drop_questions(kept, actor=who)
        move(kept, Notice.Status.WITHDRAWN, actor=who, settled_at=at)
        _stop_clocks(kept, actor=who, at=at)
        words.tell_claimant(kept, "withdrawn")


def settle(notice: Notice, *, actor: User | None, at: datetime) -> None:
    """Resolve a notice once nothing of it is left to decide, and stop its clocks."""
    kept = asked.lock(notice)
    if kept.status != Notice.Status.OPEN or kept.claims.filter(status=Claim.Status.OPEN).exists():
        return
    _drop_questions(kept, actor=actor)
    move(kept, Notice.Status.RESOLVED, actor=actor, settled_at=at)
    _stop_clocks(kept, actor=actor, at=at)
    if not kept.claims.filter(status=Claim.Status.UPHELD).exists():
        referring.drop(kept, actor=actor, reason="the notice was rejected")
    words.tell_claimant(kept, "resolved", at.isoformat())


def bar(notice: Notice, *, decision: Decision) -> NotifierBar:
    """Bar a notifier who abused notices, after warnings: until then none of theirs suspends a voice by itself."""
    if not policies.may_bar(claims.rejected_of(notice)):
        raise refusals.NotifierNotWarned(least=policies.BAR_AFTER)
    at = decision.decided_at
    with transaction.atomic():
        barred = NotifierBar.objects.create(
            notifier=notice.notifier, decision_id=decision.pk, barred_at=at, until=at + policies.BARRED_FOR
        )
        words.tell_claimant(notice, "barred")
        audit.record("takedowns.notifier.barred", actor=decision.decided_by, subject=barred)
        return barred


def lift_bar(decision_id: UUID, *, actor: User, at: datetime | None = None) -> None:
    """Lift the bar that a decision imposed."""
    for barred in NotifierBar.objects.filter(decision_id=decision_id, lifted_at=None):
        with transaction.atomic():
            NotifierBar.objects.filter(pk=barred.pk).update(lifted_at=at or timezone.now())
            audit.record("takedowns.notifier.bar_lifted", actor=actor, subject=barred)


def reverse(claim: Claim, *, by: Decision) -> None:
    """Undo an upheld notice as far as that is possible: the voice stays destroyed, its person leaves the list."""
    with transaction.atomic():
        move(claim, Claim.Status.REVERSED, actor=by.decided_by, reason=by.reason)
        entry = claim.listed_as
        if entry is not None and entry.status == NoGoEntry.Status.LISTED:
            nogo.retire(entry, actor=by.decided_by, reason="the takedown notice was reversed")
        if by.reverses_id:
            conduct.undo(by.reverses_id, actor=by.decided_by, reason=by.reason)
        words.tell_claimant(claim.notice, "reversed", claim.pk)


def reopen(case: Case, notice: Notice, claim: Claim | None, *, by: Decision) -> None:
    """Undo a rejection: it goes to somebody who has not decided about it; the clocks that ran out stay so."""
    had_their_say = tuple({*(earlier.decided_by for earlier in case.decisions.all()), by.decided_by})
    at = by.decided_at
    with transaction.atomic():
        if by.reverses_id:
            lift_bar(by.reverses_id, actor=by.decided_by, at=at)
        if notice.status == Notice.Status.RESOLVED:
            move(notice, Notice.Status.OPEN, actor=by.decided_by, reason="a rejection was overturned", settled_at=None)
        if claim is None:
            asked.ask_about_notice(notice, reason="a rejection was overturned", at=at, barred=had_their_say)
        else:
            move(claim, Claim.Status.OPEN, actor=by.decided_by, reason="a rejection was overturned", decided_at=None)
            asked.ask_about(claim, reason="a rejection was overturned", at=at, barred=had_their_say)
        words.tell_claimant(notice, "reopened", by.pk)


def _stop_clocks(notice: Notice, *, actor: User | str | None, at: datetime) -> None:
    for kind in (clocks.ACKNOWLEDGE, clocks.RESOLVE, clocks.INTIMATE):
        deadlines.meet(notice, kind=kind, actor=actor, at=at)


def _drop_questions(notice: Notice, *, actor: User | str | None) -> None:
    for question in notice.questions.filter(status=NoticeQuestion.Status.ASKED):
        move(question, NoticeQuestion.Status.DROPPED, actor=actor)


def _is_repeated(notice: Notice, at: datetime) -> bool:
    """Tell whether this person's voice was cloned often enough to be listed (policy 8)."""
    since = at - policies.REPEATED_WITHIN
    upheld = Claim.objects.filter(notice__person=notice.person, status=Claim.Status.UPHELD, decided_at__gt=since)
    return upheld.count() >= policies.REPEATED


def _list(claim: Claim, *, actor: User, asked: bool, at: datetime) -> None:
    """Put the person on the No-Go list, by name and, where a recording came, by voice; once for each person."""
    notice = claim.notice
    listed = Claim.objects.filter(notice__person=notice.person, listed_as__status=NoGoEntry.Status.LISTED)
    if listed.exists():
        return
    voiceprint = words.voiceprint_of(notice)
    entry = nogo.add_entry(
        names=[words.details_of(notice).person],
        source=NoGoEntry.Source.NOTICE if asked else NoGoEntry.Source.ABUSE,
        review_on=(at + policies.REVIEW_AFTER).date(),
        actor=actor,
        note=f"Takedown notice {notice.reference}",
        voices=(voiceprint,) if voiceprint is not None else (),
    )
    claim.listed_as = entry
    claim.save(update_fields=["listed_as"])


def _ask_about_account(account: User | None, *, at: datetime) -> None:
    """Ask what is to be done about an account against which notices were upheld again and again."""
    if account is None:
        return
    upheld = Claim.objects.filter(
        voice__account=account, status=Claim.Status.UPHELD, decided_at__gt=at - policies.REPEATED_WITHIN
    )
    if upheld.count() >= policies.REPEATED:
        conduct.question(
            account, title="Takedown notices upheld again", reason="repeated notices", credibility=90, at=at
        )
