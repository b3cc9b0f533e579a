"""Keep signed documents, show them, judge them, and end them after their time. The only writer of documents."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone

from accounts import sanctions
from accounts.models import User
from accounts.policies import require_active
from consent.documents import files, policies, refusals
from consent.models import ConsentRecord, Declaration, Document
from consent.models.documents import evidence_of
from velluto import audit, vault
from velluto.transitions import move
from voices.models import Recording, Voice

Status = Document.Status


def put_document(
    voice: Voice,
    *,
    kind: str,
    content: BinaryIO,
    signer: str,
    signed_on: date,
    actor: User | str,
    at: datetime | None = None,
) -> Document:
    """Take a signed document from the account of a voice or from its Voice Owner ("voice-owner:<id>").

    What allows a recording must have been signed by the day on which the first one came in (B2).
    """
    at = at or timezone.now()
    if actor not in (voice.account, voice.owner.vault_owner):
        raise refusals.DocumentNotYours()
    if isinstance(actor, User):
        require_active(User.objects.get(pk=actor.pk).status)
    data = content.read(policies.LARGEST + 1)
    if not data:
        raise refusals.DocumentEmpty()
    if len(data) > policies.LARGEST:
        raise refusals.DocumentTooLarge(megabytes=policies.LARGEST // 1_000_000)
    if not (name := " ".join(signer.split())):
        raise refusals.DocumentUnsigned()
    if policies.in_future(signed_on, today=timezone.localdate(at)):
        raise refusals.DocumentDateInFuture()
    document = Document(
        voice=voice,
        kind=Document.Kind(kind),
        type=files.recognise(data),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        signed_on=signed_on,
        uploaded_at=at,
        account=actor if isinstance(actor, User) else None,
        retain_until=policies.retain_until(timezone.localdate(at)),
    )
    with transaction.atomic():
        _require_room(document)
        document.signer = vault.seal(document.vault_owner, "document.signer", str(document.pk), name.encode())
        document.object = vault.put(document.vault_owner, document.vault_purpose, data)
        document.save(force_insert=True)
        audit.record(
            "consent.document.kept",
            actor=actor,
            subject=document,
            data={"voice": str(voice.pk), "kind": document.kind, "type": document.type, "sha256": document.sha256},
        )
        return document


def read_document(document: Document, *, actor: User) -> bytes:
    """Return a document's file to a member of staff, on record. No row, no file."""
    if document.status == Status.DESTROYED:
        raise refusals.DocumentGone()
    with transaction.atomic():
        content = vault.read(document.object, owner=document.vault_owner, purpose=document.vault_purpose)
        audit.record(
            "consent.document.read",
            actor=actor,
            subject=document,
            data={"voice": str(document.voice_id), "sha256": document.sha256},
        )
        return content


def signer_of(document: Document) -> str:
    """Return whose signature a document bears; nothing where it was destroyed."""
    if document.status == Status.DESTROYED:
        return ""
    sealed = bytes(document.signer)
    return vault.unseal(document.vault_owner, "document.signer", str(document.pk), sealed).decode()


def verify_document(document: Document, *, actor: User, reason: str, at: datetime | None = None) -> None:
    """Say that a person read a document and found that it allows what it is there for."""
    _judge(document, Status.VERIFIED, actor=actor, reason=reason, at=at)


def refuse_document(document: Document, *, actor: User, reason: str, at: datetime | None = None) -> None:
    """Say that a person read a document and found that it does not allow what it is there for."""
    _judge(document, Status.REFUSED, actor=actor, reason=reason, at=at)


def end_evidence(voice: Voice, *, at: datetime | None = None) -> None:
    """Destroy the documents of a voice that has ended, and what was declared of its person, after their last day.

    Raises DocumentRetained while any of it must be kept.
    """
    at = at or timezone.now()
    with transaction.atomic():
        voice = Voice.objects.select_for_update(no_key=True).get(pk=voice.pk)
        documents = list(voice.documents.exclude(status=Status.DESTROYED).select_for_update(no_key=True))
        days = [document.retain_until for document in documents]
        days += ConsentRecord.objects.filter(voice=voice).values_list("retain_until", flat=True)
        declared = Declaration.objects.filter(voice=voice).values_list("declared_at", flat=True)
        days += [policies.retain_until(timezone.localdate(moment)) for moment in declared]
        ended = voice.status in (Voice.Status.DELETED, Voice.Status.REFUSED)
        held = sanctions.on_hold(at=at).filter(account=voice.account_id).exists()
        today = timezone.localdate(at)
        if not days or not policies.may_end(max(days), today=today, voice_ended=ended, held=held):
            raise refusals.DocumentRetained()
        for document in documents:
            vault.delete(document.object)
            move(document, Status.DESTROYED, actor=None, reason="its time is over", signer=b"", object="")
        vault.destroy(evidence_of(voice.pk), actor=None, reason="the evidence's time is over")


def _judge(document: Document, to: str, *, actor: User, reason: str, at: datetime | None) -> None:
    if actor.pk == document.voice.account_id:
        raise refusals.OwnDocument()
    facts = {"voice": str(document.voice_id), "sha256": document.sha256}
    judged: dict[str, Any] = {"judged_by": actor, "judged_at": at or timezone.now(), "judged_because": reason}
    move(document, to, actor=actor, data=facts, **judged)


def _require_room(document: Document) -> None:
    """Lock the voice, and refuse what came too late, twice, or after a dozen others."""
    voice = Voice.objects.select_for_update(no_key=True).get(pk=document.voice_id)
    if voice.status == Voice.Status.DELETED:
        raise refusals.DocumentGone()
    first = voice.recordings.filter(purpose=Recording.Purpose.SAMPLE).order_by("received_at").first()
    recorded_on = timezone.localdate(first.received_at) if first else None
    if policies.too_late(document.kind, document.signed_on, recorded_on=recorded_on):
        raise refusals.DocumentAfterRecording()
    there = voice.documents.exclude(status=Status.DESTROYED)
    if there.filter(kind=document.kind, sha256=document.sha256).exists():
        raise refusals.DocumentKnown()
    if there.count() >= policies.MOST:
        raise refusals.TooManyDocuments(most=policies.MOST)
