"""The end of the evidence: what is left of an ended voice's gate is deleted once it need not be kept any longer."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from consent.documents import services as documents
from consent.models import (
    Attempt,
    Challenge,
    ConsentRecord,
    Declaration,
    Document,
    Invitation,
    Narrowing,
    OwnerConsent,
    OwnerLink,
    Statement,
)
from consent.models.documents import evidence_of
from velluto import audit, vault
from voices import services as voices
from voices.models import Voice


def there(voice: Voice) -> bool:
    """Tell whether anything is left of the evidence of a voice."""
    return bool(
        voice.owner.name
        or voice.owner.sealed_name
        or _documents(voice).exists()
        or ConsentRecord.objects.filter(voice=voice).exists()
        or Invitation.objects.filter(voice=voice).exists()
        or Attempt.objects.filter(voice=voice).exists()
        or Challenge.objects.filter(voice=voice).exists()
        or Declaration.objects.filter(voice=voice).exists()
    )


def last_day(voice: Voice) -> date | None:
    """Return the last day on which some of the evidence must be kept; None where there is none."""
    days = [*ConsentRecord.objects.filter(voice=voice).values_list("retain_until", flat=True)]
    return max([*days, *_documents(voice).values_list("retain_until", flat=True)], default=None)


@transaction.atomic
def seal_names(voice: Voice) -> None:
    """Take the names out of an ended voice's rows; the Voice Owner's stays sealed, as what the evidence still says.

    The text that was agreed to, the digests and times stay as they are. Safe to repeat.
    """
    name = voice.owner.name
    if not name:
        return
    try:
        sealed = vault.seal(evidence_of(voice.pk), "evidence.name", str(voice.pk), name.encode())
    except vault.KeyDestroyed:  # the time of the evidence is over as well
        sealed = b""
    Statement.objects.filter(attempt__voice=voice).update(name="")
    voices.put_names_away(voice, sealed=sealed)
    audit.record("consent.evidence.sealed", subject=voice, reason="the account is erased")


@transaction.atomic
def forget_evidence(voice: Voice, *, at: datetime) -> None:
    """Delete the evidence of an ended voice, and its key; what is measured of nobody stays: ids and the voice's end."""
    record = ConsentRecord.objects.filter(voice=voice).first()
    if _documents(voice).exists():
        documents.end_evidence(voice, at=at)
    vault.destroy(evidence_of(voice.pk), actor=None, reason="the time to keep the evidence is over")
    Declaration.objects.filter(voice=voice).delete()
    Challenge.objects.filter(voice=voice).delete()
    Statement.objects.filter(attempt__voice=voice).delete()
    Attempt.objects.filter(voice=voice).delete()  # and its checks
    ConsentRecord.objects.filter(voice=voice).delete()
    Narrowing.objects.filter(consent__invitation__voice=voice).delete()
    OwnerConsent.objects.filter(invitation__voice=voice).delete()
    OwnerLink.objects.filter(invitation__voice=voice).delete()
    Invitation.objects.filter(voice=voice).delete()
    voices.forget_recordings(voice)
    voices.put_names_away(voice)
    audit.record(
        "consent.evidence.forgotten",
        subject=voice,
        reason="the time to keep it is over",
        data={"record": str(record.pk) if record else None, "text_sha256": record.text_sha256 if record else None},
    )


def _documents(voice: Voice) -> QuerySet[Document]:
    return voice.documents.exclude(status=Document.Status.DESTROYED)
