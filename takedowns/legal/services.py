"""Enter a legal request, answer it, hand its bundle out, tell the customer, and destroy the bundle after its time."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import date, datetime
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts import sanctions
from accounts.models import Sanction, User
from moderation import services as moderation
from moderation.models import Case, Decision
from synthesis.models import Output
from takedowns.evidence.bundle import Bundle
from takedowns.legal import policies, refusals
from takedowns.models import LegalRequest
from velluto import audit, jobs, vault
from velluto.transitions import move
from voices.models import Voice

KIND = "takedowns.legal"
SECTION = "9"
DOCUMENT, BUNDLE = "legal.document", "legal.bundle"
PACK, TELL = "takedowns.legal_pack", "takedowns.legal_tell"
Status, Scope = LegalRequest.Status, LegalRequest.Scope
ANSWERED = (Status.PACKING, Status.READY, Status.DESTROYED)


def find(scope: str, named: str) -> Model:
    """Return the account, voice or output that somebody named; raise LegalSubjectUnknown."""
    model: type[Model] = {Scope.ACCOUNT: User, Scope.OUTPUT: Output}.get(Scope(scope), Voice)
    named = named.strip()
    found: Model | None = None
    if scope == Scope.ACCOUNT and "@" in named:
        found = User.objects.filter(email=named.lower()).first()
    else:
        with suppress(ValueError):
            found = model._default_manager.filter(pk=UUID(named)).first()
    if found is None:
        raise refusals.LegalSubjectUnknown()
    return found


def lock_account(request: LegalRequest) -> None:
    """Lock the account of a request, where it has one, until the transaction ends."""
    if request.account_id is not None:
        User.objects.select_for_update(no_key=True).get(pk=request.account_id)


def subject_of(request: LegalRequest) -> Model:
    return find(request.scope, request.subject_id)


@transaction.atomic
def receive(
    *,
    authority: str,
    basis: str,
    reference: str,
    received_on: date,
    scope: str,
    subject: Model,
    document: bytes,
    may_tell: bool,
    silent_until: date | None = None,
    actor: User,
    at: datetime | None = None,
) -> LegalRequest:
    """Enter what an authority demands, put its account's records on hold, and ask for an answer.

    Raise LegalDocumentMissing.
    """
    at = at or timezone.now()
    if not 0 < len(document) <= policies.LARGEST_DOCUMENT:
        raise refusals.LegalDocumentMissing(megabytes=policies.LARGEST_DOCUMENT // 1_000_000)
    account = _account_of(subject)
    request = LegalRequest(
        authority=authority.strip(),
        basis=basis.strip(),
        reference=reference.strip(),
        received_on=received_on,
        scope=scope,
        subject_id=str(subject.pk),
        account=account,
        document_sha256=hashlib.sha256(document).hexdigest(),
        may_tell=may_tell,
        silent_until=None if may_tell else silent_until,
        entered_by=actor,
        entered_at=at,
    )
    request.document = vault.put(request.vault_owner, DOCUMENT, document)
    if account is not None:
        kind, why = Sanction.Kind.HOLD, f"legal request {request.pk}"
        # The customer hears of it by a letter, once the request was approved and where that is allowed; not before.
        request.hold = sanctions.note(account, kind=kind, section=SECTION, reason=why, secret=True, actor=actor, at=at)
    request.save(force_insert=True)
    moderation.open_case(
        kind=KIND,
        subject=request,
        title="A legal request",
        about=account,
        due_at=at + policies.DUE,
        severity=Case.Severity.RAISED,
        credibility=90,
    )
    data = {"scope": scope, "subject": request.subject_id, "document": request.document_sha256, "may_tell": may_tell}
    audit.record("takedowns.legalrequest.received", actor=actor, subject=request, data=data)
    return request


def approve(request: LegalRequest, *, decision: Decision) -> None:
    """Queue the bundle that two people agreed to hand out."""
    with transaction.atomic():
        move(request, Status.PACKING, actor=decision.second, answered_at=decision.second_at)
        jobs.enqueue(PACK, str(request.pk), key=f"{PACK}:{request.pk}")


def refuse(request: LegalRequest, *, decision: Decision) -> None:
    """Hand nothing out, for the reasons of the decision; the hold ends."""
    with transaction.atomic():
        move(request, Status.REFUSED, actor=decision.decided_by, answered_at=decision.decided_at)
        if request.hold is not None:
            sanctions.lift(request.hold, actor=decision.decided_by, reason=f"legal request {request.pk} was refused")


def keep_bundle(request: LegalRequest, *, name: str, made: Bundle, at: datetime | None = None) -> None:
    """Say that the bundle which lies in the vault under this name answers the request."""
    at = at or timezone.now()
    with transaction.atomic():
        move(
            request,
            Status.READY,
            actor=None,
            data={"sha256": made.sha256, "bytes": made.size, "files": len(made.manifest["files"])},
            bundle=name,
            bundle_sha256=made.sha256,
            bundle_size=made.size,
            ready_at=at,
            destroy_at=policies.destroy_at(at, days=settings.LEGAL_BUNDLE_DAYS),
        )


def fetch_bundle(request: LegalRequest, *, actor: User, at: datetime | None = None) -> BinaryIO:
    """Return the bundle as a stream, on record; raise LegalBundleGone."""
    at = at or timezone.now()
    with transaction.atomic():
        there = LegalRequest.objects.filter(pk=request.pk, status=Status.READY, destroy_at__gt=at).first()
        if there is None:
            raise refusals.LegalBundleGone()
        audit.record("takedowns.legalrequest.fetched", actor=actor, subject=there, data={"sha256": there.bundle_sha256})
        return vault.open(there.bundle, owner=there.bundle_owner, purpose=BUNDLE)


def read_document(request: LegalRequest, *, actor: User) -> bytes:
    """Return what the authority sent, on record."""
    with transaction.atomic():
        audit.record(
            "takedowns.legalrequest.document_read",
            actor=actor,
            subject=request,
            data={"sha256": request.document_sha256},
        )
    return vault.read(request.document, owner=request.vault_owner, purpose=DOCUMENT)


@transaction.atomic
def change_notice(
    request: LegalRequest, *, may_tell: bool, silent_until: date | None, actor: User, reason: str
) -> None:
    """Let the customer be told, or forbid it (until a day); raise LegalNoticeSettled once they were told."""
    there = _lock(request)
    if there.told_at or there.account_id is None:
        raise refusals.LegalNoticeSettled()
    there.may_tell, there.silent_until = may_tell, None if may_tell else silent_until
    there.save(update_fields=["may_tell", "silent_until"])
    until = there.silent_until.isoformat() if there.silent_until else None
    data = {"may_tell": may_tell, "silent_until": until}
    audit.record("takedowns.legalrequest.notice_changed", actor=actor, subject=there, reason=reason, data=data)


@transaction.atomic
def lift_hold(request: LegalRequest, *, actor: User, reason: str, at: datetime | None = None) -> None:
    """Let the account's records go their way again; raise LegalRequestPending and LegalHoldEnded."""
    lock_account(request)
    there = _lock(request)
    if there.status in LegalRequest.UNANSWERED:
        raise refusals.LegalRequestPending()
    if there.hold is None or there.hold.lifted_at:
        raise refusals.LegalHoldEnded()
    sanctions.lift(there.hold, actor=actor, reason=reason, at=at)


@transaction.atomic
def note_told(request: LegalRequest, *, at: datetime | None = None) -> None:
    """Remember that the customer was told; a second time changes nothing."""
    there = _lock(request)
    if there.told_at is None:
        LegalRequest.objects.filter(pk=there.pk).update(told_at=at or timezone.now())
        audit.record("takedowns.legalrequest.told", subject=there)


def sweep(*, at: datetime | None = None) -> int:
    """Destroy the bundles whose time is over, and queue the letters that may be sent by now; return how many."""
    at = at or timezone.now()
    over = LegalRequest.objects.filter(status=Status.READY, destroy_at__lte=at)
    destroyed = sum(_destroy(request) for request in over)
    untold = LegalRequest.objects.filter(status__in=ANSWERED, told_at=None, account__isnull=False)
    tell = [request for request in untold if request.may_be_told(at)]
    for request in tell:
        jobs.enqueue(TELL, str(request.pk), key=f"{TELL}:{request.pk}")
    return destroyed + len(tell)


def _destroy(request: LegalRequest) -> bool:
    with transaction.atomic():
        there = _lock(request)
        if there.status != Status.READY:
            return False
        vault.delete(there.bundle)
        vault.destroy(there.bundle_owner, actor=None, reason="the time of the bundle was over")
        move(there, Status.DESTROYED, actor=None, bundle="")
        return True


def _lock(request: LegalRequest) -> LegalRequest:
    return LegalRequest.objects.select_for_update(no_key=True).get(pk=request.pk)


def _account_of(subject: Model) -> User | None:
    """Return whose records these are; a curated voice is nobody's."""
    if isinstance(subject, User):
        return subject
    return subject.request.account if isinstance(subject, Output) else subject.account  # type: ignore[attr-defined]
