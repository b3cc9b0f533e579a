"""Keep the catalogue: curated voices, the rights to publish them, and the terms under which they are used."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import require_active
from velluto import audit, jobs, space, vault
from velluto.transitions import move
from voices import refusals
from voices.models import CatalogueEntry, Licence, LicenceAcceptance, RightsRecord, Voice, VoiceOwner

DOCUMENT = "rights.document"
PREVIEW = "synthesis.preview"  # the job of whoever makes voices speak


def add_curated(
    *, name: str, language: str, style: str, gender: str, description: str = "", owner_name: str = "", actor: User
) -> Voice:
    """Begin a curated voice, of nobody where `owner_name` is empty. Give it a recording, then `build_curated`."""
    with transaction.atomic():
        voice = Voice.objects.create(
            kind=Voice.Kind.CURATED,
            status=Voice.Status.BUILDING,
            name=name.strip(),
            owner=VoiceOwner.objects.create(name=owner_name.strip()),
        )
        CatalogueEntry.objects.create(
            voice=voice, language=language, style=style, gender=gender, description=description.strip()
        )
        audit.record("voices.catalogue.added", actor=actor, subject=voice)
        return voice


def build_curated(voice: Voice, *, actor: User) -> None:
    """Have a curated voice built from its recording."""
    with transaction.atomic():
        jobs.enqueue("voices.build_curated", str(voice.pk), key=f"voices.build_curated:{voice.pk}", actor=actor)
        audit.record("voices.catalogue.building", actor=actor, subject=voice)


def record_rights(
    voice: Voice,
    *,
    origin: str,
    granted_by: str,
    valid_from: date,
    valid_until: date | None,
    actor: User,
    territory: str = "worldwide",
    uses: str = "all uses that the licence terms allow",
    document: bytes = b"",
    at: datetime | None = None,
) -> RightsRecord:
    """Record what lets a curated voice be published; the document is sealed under the voice's key."""
    if voice.kind != Voice.Kind.CURATED:
        raise refusals.NotCurated()
    if not granted_by.strip() or (valid_until is None and origin != RightsRecord.Origin.SYNTHETIC):
        raise refusals.RightsIncomplete()
    if valid_until is not None and valid_until < valid_from:
        raise refusals.RightsIncomplete()
    with transaction.atomic():
        rights = RightsRecord.objects.create(
            voice=voice,
            origin=RightsRecord.Origin(origin),
            granted_by=granted_by.strip(),
            valid_from=valid_from,
            valid_until=valid_until,
            territory=territory,
            uses=uses,
            document=vault.put(voice.owner.vault_owner, DOCUMENT, document) if document else "",
            document_sha256=hashlib.sha256(document).hexdigest() if document else "",
            recorded_at=at or timezone.now(),
        )
        until = valid_until.isoformat() if valid_until else None
        audit.record(
            "voices.rights.recorded",
            actor=actor,
            subject=rights,
            data={"voice": str(voice.pk), "origin": str(origin), "from": valid_from.isoformat(), "until": until},
        )
        return rights


@space.even_when_full
def end_rights(rights: RightsRecord, *, actor: User | None, reason: str) -> None:
    """End rights before their time: a voice that has no other leaves the catalogue in the same moment."""
    with transaction.atomic():
        entry = CatalogueEntry.objects.select_for_update(no_key=True).get(voice=rights.voice_id)
        rights = RightsRecord.objects.select_for_update(no_key=True).get(pk=rights.pk)
        move(rights, RightsRecord.Status.ENDED, actor=actor, reason=reason)
        _expire(entry)


def put_licence(voice: Voice, *, version: str, text: str, actor: User, at: datetime | None = None) -> Licence:
    """Put a version of the licence terms in force; whoever uses the voice has to accept it before they go on."""
    if voice.kind != Voice.Kind.CURATED:
        raise refusals.NotCurated()
    with transaction.atomic():
        licence = Licence.objects.create(
            voice=voice,
            version=version,
            text=text.strip(),
            sha256=hashlib.sha256(text.strip().encode()).hexdigest(),
            in_use_from=at or timezone.now(),
        )
        audit.record(
            "voices.licence.put",
            actor=actor,
            subject=voice,
            data={"version": version, "text_sha256": licence.sha256},
        )
        return licence


def licence_of(voice: Voice) -> Licence | None:
    """Return the terms that are in force now."""
    return voice.licences.filter(in_use_from__lte=timezone.now()).first()


def accepted(account: User, voice: Voice) -> bool:
    """Tell whether an account has accepted the terms that are in force now."""
    licence = licence_of(voice)
    return licence is not None and licence.acceptances.filter(account=account).exists()


def accept_licence(
    voice: Voice, *, account: User, ticked: bool, shown_sha256: str, at: datetime | None = None
) -> LicenceAcceptance:
    """Record that an account accepts the terms that it was shown; a second time changes nothing."""
    if not ticked:
        raise refusals.LicenceNotAccepted()
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=account.pk)  # what is sent twice at once comes in turn
        require_active(account.status)
        licence = licence_of(voice)
        if licence is None or not Voice.objects.listed(on=timezone.localdate()).filter(pk=voice.pk).exists():
            raise refusals.VoiceUnknown()
        if shown_sha256 != licence.sha256:
            raise refusals.LicenceChanged()
        if before := licence.acceptances.filter(account=account).first():
            return before
        acceptance = LicenceAcceptance.objects.create(
            account=account, voice=voice, licence=licence, text_sha256=licence.sha256, accepted_at=at or timezone.now()
        )
        audit.record(
            "voices.licence.accepted",
            actor=account,
            subject=voice,
            data={"version": licence.version, "text_sha256": licence.sha256},
        )
        return acceptance


def publish(voice: Voice, *, actor: User, reason: str = "") -> None:
    """Put a curated voice into the catalogue: ready to speak, with rights in force and terms to accept."""
    with transaction.atomic():
        ready = Voice.objects.select_for_update(no_key=True).filter(pk=voice.pk, status=Voice.Status.ACTIVE).exists()
        entry = CatalogueEntry.objects.select_for_update(no_key=True).filter(voice=voice).first()
        if entry is None:
            raise refusals.NotCurated()
        if not ready:
            raise refusals.NotBuilt()
        if not rights_of(voice, lock=True):
            raise refusals.RightsMissing()
        if licence_of(voice) is None:
            raise refusals.LicenceMissing()
        jobs.enqueue(PREVIEW, str(voice.pk), actor=actor)
        move(entry, CatalogueEntry.Status.PUBLISHED, actor=actor, reason=reason)


@space.even_when_full
def unpublish(voice: Voice, *, actor: User | None, reason: str) -> None:
    """Take a curated voice out of the catalogue at once; what is queued or running with it is never released."""
    with transaction.atomic():
        entry = CatalogueEntry.objects.select_for_update(no_key=True).get(voice=voice)
        move(entry, CatalogueEntry.Status.UNPUBLISHED, actor=actor, reason=reason)


def expire() -> int:
    """Mark the published voices whose rights have ended, and return how many; they were not usable any more."""
    count = 0
    listed = CatalogueEntry.objects.filter(status=CatalogueEntry.Status.PUBLISHED)
    in_force = RightsRecord.objects.in_force(on=timezone.localdate()).values("voice")
    for pk in listed.exclude(voice__in=in_force).values_list("pk", flat=True):
        with transaction.atomic():
            count += _expire(CatalogueEntry.objects.select_for_update(no_key=True).get(pk=pk))
    return count


def rights_of(voice: Voice, *, lock: bool = False) -> RightsRecord | None:
    """Return the rights that a curated voice is published under today."""
    rights = RightsRecord.objects.filter(voice=voice).in_force(on=timezone.localdate())
    return (rights.select_for_update(no_key=True) if lock else rights).first()


def require_published(voice: Voice, *, lock: bool = False) -> None:
    """Raise RightsEnded unless this curated voice stands in the catalogue now, with rights in force.

    With `lock` (inside a transaction) whatever would end that waits until the caller has committed, or the caller sees
    it.
    """
    rows = Voice.objects.active().filter(pk=voice.pk, kind=Voice.Kind.CURATED)
    entries = CatalogueEntry.objects.filter(voice=voice, status=CatalogueEntry.Status.PUBLISHED)
    if lock:
        rows, entries = rows.select_for_update(no_key=True), entries.select_for_update(no_key=True)
    if rows.first() is None or entries.first() is None or not rights_of(voice, lock=lock):
        raise refusals.RightsEnded()


def _expire(entry: CatalogueEntry) -> bool:
    """Mark a locked entry whose rights have ended."""
    if entry.status != CatalogueEntry.Status.PUBLISHED or rights_of(entry.voice):
        return False
    move(entry, CatalogueEntry.Status.EXPIRED, actor=None, reason="no rights are in force")
    return True
