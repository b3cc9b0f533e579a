"""Demand the signed document of a voice, take it in, remind, let lapse, settle. The only writer of demands."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, BinaryIO
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from consent import nogo
from consent.documents import services as documents
from consent.models import ConsentRecord, Document
from moderation import services as moderation
from moderation.models import Case
from takedowns.demands import policies, refusals
from takedowns.models import EvidenceDemand
from velluto import audit, jobs
from velluto.errors import Refusal
from velluto.transitions import move
from voices import services as voices
from voices.models import Voice

KIND = "takedowns.evidence"
TELL = "takedowns.demand_tell"
LOOK_WITHIN = timedelta(days=3)
Status = EvidenceDemand.Status
ENDED = (Voice.Status.DELETED, Voice.Status.REFUSED)


def demand(voice: Voice, *, reason: str, actor: User, at: datetime | None = None) -> EvidenceDemand:
    """Ask the account of a voice for the signed document, within 14 days; raise DemandOpen and DemandPointless."""
    at = at or timezone.now()
    with transaction.atomic():
        voice = _lock_voice(voice.pk)
        if voice.account_id is None or voice.status in ENDED:
            raise refusals.DemandPointless()
        try:
            with transaction.atomic():
                made = EvidenceDemand.objects.create(
                    voice=voice,
                    reason=reason.strip(),
                    demanded_by=actor,
                    demanded_at=at,
                    asked_at=at,
                    due_at=policies.due(at),
                )
        except IntegrityError as error:
            raise refusals.DemandOpen() from error
        _tell(made, "demanded")
        data = {"voice": str(voice.pk), "due": made.due_at.isoformat()}
        audit.record("takedowns.evidencedemand.made", actor=actor, subject=made, data=data)
        return made


def answer(
    demand: EvidenceDemand,
    *,
    content: BinaryIO,
    signer: str,
    signed_on: date,
    actor: User,
    at: datetime | None = None,
) -> Document:
    """Take the document that was demanded, be it late, and ask a moderator to look at it; raise DemandSettled."""
    at = at or timezone.now()
    with transaction.atomic():
        there = _lock(demand)
        if not there.waits:
            raise refusals.DemandSettled()
        list(Case.objects.about(there).waiting().select_for_update(no_key=True))
        document = documents.put_document(
            there.voice,
            kind=Document.Kind.CONSENT,
            content=content,
            signer=signer,
            signed_on=signed_on,
            actor=actor,
            at=at,
        )
        move(there, Status.ANSWERED, actor=actor, data={"document": str(document.pk)}, document=document)
        _ask(there, title="A signed document that was demanded", at=at)
        return document


def accept(demand: EvidenceDemand, *, actor: User, reason: str, at: datetime | None = None) -> None:
    """Find that the document is what was demanded; a voice that was suspended for the want of it speaks again."""
    at = at or timezone.now()
    with transaction.atomic():
        there = _lock(demand)
        if there.status != Status.ANSWERED or there.document is None:
            raise refusals.DemandUnanswered()
        documents.verify_document(there.document, actor=actor, reason=reason, at=at)
        _restore(there, actor=actor, reason=reason)
        move(there, Status.ACCEPTED, actor=actor, reason=reason, settled_at=at)


def ask_again(demand: EvidenceDemand, *, actor: User, reason: str, at: datetime | None = None) -> None:
    """Find that the document is not what was demanded, or give more time: fourteen days begin anew."""
    at = at or timezone.now()
    with transaction.atomic():
        there = _lock(demand)
        if there.status not in (Status.ANSWERED, Status.LAPSED):
            raise refusals.DemandSettled()
        if there.status == Status.ANSWERED and there.document is not None:
            documents.refuse_document(there.document, actor=actor, reason=reason, at=at)
        again: dict[str, Any] = {"asked_at": at, "due_at": policies.due(at), "reminders": 0, "document": None}
        move(there, Status.OPEN, actor=actor, reason=reason, **again)


def drop(
    demand: EvidenceDemand, *, actor: User | None, reason: str, restore: bool = True, at: datetime | None = None
) -> None:
    """Ask for the document no more; twice is harmless."""
    with transaction.atomic():
        there = _lock(demand)
        if there.settled:
            return
        if restore:
            _restore(there, actor=actor, reason=reason)
        move(there, Status.DROPPED, actor=actor, reason=reason, settled_at=at or timezone.now())


def sweep(*, at: datetime | None = None) -> int:
    """Keep the deadlines of all demands, one commit each; return how many were touched. As often as one likes."""
    at = at or timezone.now()
    touched = 0
    for waiting in EvidenceDemand.objects.exclude(status__in=EvidenceDemand.SETTLED).select_related("voice"):
        touched += _keep(waiting, at)
    return touched


def _keep(demand: EvidenceDemand, at: datetime) -> bool:
    """Do what the clock says of one demand, if it was not done."""
    with transaction.atomic():
        there = _lock(demand)
        cases = list(Case.objects.about(there).waiting().select_for_update(no_key=True))
        if there.settled:
            return False
        if there.voice.status in ENDED:
            for case in cases:
                moderation.withdraw_case(case, actor=None, reason="the voice has ended")
            drop(there, actor=None, reason="the voice has ended", restore=False, at=at)
            return True
        if there.status == Status.OPEN and policies.lapsed(there.asked_at, at):
            _suspend(there)
            move(there, Status.LAPSED, actor=None, suspended=there.suspended)
            _ask(there, title="No signed document came within 14 days", at=at)
            _tell(there, "lapsed")
            return True
        if there.status == Status.LAPSED and there.voice.status == Voice.Status.ACTIVE:  # it was still being built then
            _suspend(there)
            EvidenceDemand.objects.filter(pk=there.pk).update(suspended=True)
            return True
        wanted = policies.reminders_by(there.asked_at, at)
        if there.status == Status.OPEN and there.reminders < wanted:
            EvidenceDemand.objects.filter(pk=there.pk).update(reminders=wanted)
            _tell(there, f"reminder{wanted}")
            audit.record("takedowns.evidencedemand.reminded", subject=there, data={"reminder": wanted})
            return True
        return False


def lock(demand: EvidenceDemand) -> None:
    """Lock, until the transaction ends, all that a decision may move: consent, voice, demand, document, open cases."""
    ConsentRecord.objects.select_for_update(no_key=True).filter(voice=demand.voice_id).first()
    there = _lock(demand)
    list(there.voice.documents.select_for_update(no_key=True))
    list(Case.objects.about(there.voice).waiting().select_for_update(no_key=True))


def _lock(demand: EvidenceDemand) -> EvidenceDemand:
    voice = _lock_voice(demand.voice_id)
    there = EvidenceDemand.objects.select_for_update(no_key=True, of=("self",)).get(pk=demand.pk)
    there.voice = voice
    return there


def _lock_voice(pk: UUID) -> Voice:
    return Voice.objects.select_for_update(no_key=True, of=("self",)).select_related("owner", "account").get(pk=pk)


def _suspend(demand: EvidenceDemand) -> None:
    if demand.voice.status == Voice.Status.ACTIVE:
        voices.suspend(demand.voice, actor=None, reason="no signed document came within 14 days")
        demand.suspended = True


def _restore(demand: EvidenceDemand, *, actor: User | None, reason: str) -> None:
    """Let the voice speak again, where it was this demand that silenced it and nothing else keeps it silent."""
    if not demand.suspended or demand.voice.status != Voice.Status.SUSPENDED:
        return
    try:
        nogo.require_unmet(demand.voice)
    except Refusal:
        return
    voices.restore(demand.voice, actor=actor, reason=reason)


def _ask(demand: EvidenceDemand, *, title: str, at: datetime) -> None:
    moderation.open_case(
        kind=KIND,
        subject=demand,
        title=title,
        about=demand.voice.account,
        due_at=at + LOOK_WITHIN,
        severity=Case.Severity.RAISED,
        credibility=70,
    )


def _tell(demand: EvidenceDemand, letter: str) -> None:
    """Queue a letter; each is sent once in each fourteen days."""
    subject = f"{demand.pk}:{letter}:{demand.asked_at:%Y%m%d%H%M%S}"
    jobs.enqueue(TELL, subject, key=subject)
