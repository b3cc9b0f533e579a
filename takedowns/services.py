"""End a voice for good. The only writer of this app's tables; `cascade` does what follows the first commit."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import sanctions
from accounts.models import User
from consent import services as consent
from consent.models import ConsentRecord, OwnerConsent, OwnerLink
from synthesis import services as synthesis
from synthesis.policies import downloadable_until
from takedowns import policies, refusals
from takedowns.models import PortalLink, Revocation
from velluto import audit, jobs, space, vault
from velluto.audit.models import AuditEvent
from voices import services as voices
from voices.models import Voice

COPY = "revocation.copy"
CONTACT = "revocation.contact"
CASCADE = "consent.destroy"  # the job that `consent.services.withdraw` queues, whoever calls it


@space.even_when_full
def revoke(
    voice: Voice,
    *,
    by: str,
    actor: User | None,
    reason: str,
    copy: bool = False,
    contact: str = "",
    at: datetime | None = None,
) -> Revocation:
    """End a voice: it stops at once, in this commit; all the rest follows by itself, step by step.

    `contact` is where a Voice Owner without an account hears of it; `copy` asks for the recordings before they are
    destroyed. Whoever vouches for a Voice Owner without an account gives no actor. Raise VoiceEnded.
    """
    at = at or timezone.now()
    who = actor or (f"voice-owner:{voice.owner_id}" if by == Revocation.By.VOICE_OWNER else None)
    end = at if by == Revocation.By.SANCTION else downloadable_until(at)
    with transaction.atomic():
        # Behind the lock of the consent nothing is published any more, so all outputs get their end.
        ConsentRecord.objects.select_for_update(no_key=True).filter(voice=voice).first()
        if Voice.objects.get(pk=voice.pk).status == Voice.Status.DELETED:
            raise refusals.VoiceEnded()
        try:
            with transaction.atomic():
                revocation = _begin(voice, by=by, actor=actor, reason=reason, copy=copy, contact=contact, at=at)
        except IntegrityError as error:  # somebody was faster by a moment
            raise refusals.VoiceEnded() from error
        synthesis.end_outputs(voice, after=end)
        consent.withdraw(voice, actor=who, reason=reason)
        audit.record(
            "takedowns.revocation.received",
            actor=who,
            subject=revocation,
            reason=reason,
            data={"voice": str(voice.pk), "by": by, "copy": copy},
        )
        return revocation


def revocation_of(voice: Voice) -> Revocation:
    """Return the revocation of a withdrawn voice; a withdrawal that came another way gets its own now."""
    with transaction.atomic():
        found = Revocation.objects.filter(voice=voice).first()
        if found is None:
            ended = AuditEvent.objects.filter(event="voices.voice.deleted", subject_id=str(voice.pk))
            in_person = ended.filter(actor=voice.owner.vault_owner).exists()  # by a link, without an account
            by = Revocation.By.VOICE_OWNER if in_person else Revocation.By.ACCOUNT
            reason = "the consent was withdrawn"
            found = _begin(voice, by=by, actor=None, reason=reason, copy=False, contact="", at=timezone.now())
            audit.record("takedowns.revocation.received", subject=found, reason=reason, data={"voice": str(voice.pk)})
        return found


def nothing_recorded(voice: Voice) -> bool:
    """Tell whether a voice ended before its owner agreed to anything or was recorded: nobody need hear of that."""
    signed = OwnerConsent.objects.filter(invitation__voice=voice)
    given = ConsentRecord.objects.filter(voice=voice)
    return not (voice.recordings.exists() or signed.exists() or given.exists() or voice.artefact)


def end_quietly(voice: Voice) -> None:
    """Destroy the key of a voice of which nothing was recorded: the link of its invitation lay under it."""
    vault.destroy(voice.owner.vault_owner, actor=None, reason="nothing was recorded")


def reachable(revocation: Revocation) -> bool:
    """Tell whether a copy would reach the Voice Owner: by mail, or under the link that they have."""
    voice = revocation.voice
    receipts = OwnerLink.objects.filter(invitation__voice=voice, purpose=OwnerLink.Purpose.RECEIPT)
    return bool(
        owner_address(revocation)
        or receipts.filter(status=OwnerLink.Status.LIVE).exists()
        or PortalLink.objects.filter(voice=voice, status=PortalLink.Status.LIVE).exists()
    )


def owner_address(revocation: Revocation) -> str:
    """Return where the Voice Owner is told; empty where nobody said."""
    if revocation.contact:
        sealed = bytes(revocation.contact)
        return vault.unseal(revocation.vault_owner, CONTACT, str(revocation.pk), sealed).decode()
    account = revocation.voice.owner.account
    return account.email if account and not account.is_erased else ""


def archive(voice: Voice) -> bytes:
    """Return what was recorded of a voice's owner, as one archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as files:
        for number, recording in enumerate(voice.recordings.order_by("received_at"), start=1):
            name = f"{number:02}-{recording.purpose}-{recording.received_at:%Y-%m-%d}.flac"
            files.writestr(name, voices.recording_bytes(recording))
    return content.getvalue()


def fetch_copy(revocation: Revocation, *, at: datetime | None = None) -> bytes:
    """Return the owner's archive, on record; the first time, the audio it was made from may go. Raise CopyGone."""
    at = at or timezone.now()
    with transaction.atomic():
        kept = Revocation.objects.select_for_update(no_key=True).select_related("voice").get(pk=revocation.pk)
        if not kept.copy_open(at):
            raise refusals.CopyGone()
        content = vault.read(kept.copy_object, owner=kept.vault_owner, purpose=COPY)
        if kept.copy_fetched_at is None:
            kept.copy_fetched_at = at
            kept.copy_until = policies.copy_until(kept.received_at, at)
            kept.save(update_fields=["copy_fetched_at", "copy_until"])
        audit.record(
            "takedowns.copy.fetched",
            actor=f"voice-owner:{kept.voice.owner_id}",
            subject=kept,
            data={"sha256": hashlib.sha256(content).hexdigest()},
        )
        return content


def resume(*, at: datetime | None = None) -> int:
    """Queue again what is under way and waits for nothing; say once of each that it is late. Return how many."""
    at = at or timezone.now()
    for late in Revocation.objects.filter(status=Revocation.Status.RUNNING, overdue_at=None, due_at__lt=at):
        with transaction.atomic():
            if Revocation.objects.filter(pk=late.pk, overdue_at=None).update(overdue_at=at):
                audit.record("takedowns.revocation.overdue", subject=late, data={"due": late.due_at.isoformat()})
    waiting = Revocation.objects.filter(status=Revocation.Status.RUNNING)
    queued = 0
    for revocation in waiting.exclude(copy_until__gt=at).exclude(voice__account__in=sanctions.on_hold(at=at)):
        before = jobs.latest(CASCADE, str(revocation.voice_id))
        if before is None or before.status != jobs.Job.Status.DEAD:  # a dead one waits for the operator
            jobs.enqueue(CASCADE, str(revocation.voice_id), key=f"{CASCADE}:{revocation.voice_id}")
            queued += 1
    return queued


def _begin(
    voice: Voice, *, by: str, actor: User | None, reason: str, copy: bool, contact: str, at: datetime
) -> Revocation:
    revocation = Revocation(
        voice=voice,
        by=by,
        actor=actor,
        reason=reason[:300],
        copy_wanted=copy,
        received_at=at,
        due_at=policies.due(at),
    )
    if contact:
        revocation.contact = vault.seal(revocation.vault_owner, CONTACT, str(revocation.pk), contact.encode())
    revocation.save(force_insert=True)
    return revocation
