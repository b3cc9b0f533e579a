"""Keep voices, their recordings and voiceprints. The only writer of this app's tables.

`sharing` holds who else may speak with a personal voice, `catalogue` the curated ones.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import numpy as np
import soundfile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from velluto import audit, vault
from velluto.audio import fingerprint as fingerprints
from velluto.audio.fingerprint import Fingerprint
from velluto.audio.signal import Audio
from velluto.engines.base import Embedding, VoiceArtefact
from velluto.transitions import move
from voices.models import Recording, RecordingFingerprint, Resemblance, Voice, VoiceOwner, Voiceprint
from voices.refusals import VoiceNotReady as VoiceNotReady
from voices.services.catalogue import accept_licence as accept_licence
from voices.services.catalogue import accepted as accepted
from voices.services.catalogue import add_curated as add_curated
from voices.services.catalogue import build_curated as build_curated
from voices.services.catalogue import end_rights as end_rights
from voices.services.catalogue import expire as expire
from voices.services.catalogue import licence_of as licence_of
from voices.services.catalogue import publish as publish
from voices.services.catalogue import put_licence as put_licence
from voices.services.catalogue import record_rights as record_rights
from voices.services.catalogue import require_published as require_published
from voices.services.catalogue import rights_of as rights_of
from voices.services.catalogue import unpublish as unpublish
from voices.services.sharing import may_use as may_use
from voices.services.sharing import share as share
from voices.services.sharing import unshare as unshare

ARTEFACT = "voice.artefact"


def declare(*, account: User, whose: str, owner_name: str, name: str, tier: str = Voice.Tier.INSTANT) -> Voice:
    """Begin a personal voice: whose it is, in which tier, and what it will be called."""
    with transaction.atomic():
        owner = VoiceOwner.objects.create(
            name=owner_name.strip(), account=account if whose == Voice.Whose.SELF else None
        )
        voice = Voice.objects.create(account=account, owner=owner, whose=whose, tier=tier, name=name.strip())
        audit.record("voices.voice.declared", actor=account, subject=voice, data={"whose": whose, "tier": tier})
        return voice


def keep_recording(
    voice: Voice, *, purpose: str, audio: Audio, received_at: datetime, actor: User | str | None
) -> Recording:
    """Encode decoded sound as FLAC (16 bit), encrypt it under the Voice Owner's key, and record that it came."""
    content = flac(audio)
    with transaction.atomic():
        recording = Recording(
            voice=voice,
            purpose=purpose,
            seconds=round(audio.seconds, 3),
            rate=audio.rate,
            sha256=hashlib.sha256(content).hexdigest(),
            received_at=received_at,
        )
        recording.object = vault.put(voice.owner.vault_owner, recording.vault_purpose, content)
        recording.save()
        audit.record(
            "voices.recording.kept",
            actor=actor,
            subject=recording,
            data={"voice": str(voice.pk), "purpose": purpose, "sha256": recording.sha256},
        )
        return recording


def recording_bytes(recording: Recording) -> bytes:
    """Return the FLAC file of a recording."""
    return vault.read(recording.object, owner=recording.voice.owner.vault_owner, purpose=recording.vault_purpose)


def load_audio(recording: Recording) -> Audio:
    """Return the sound of a recording (trusted: we encoded it ourselves)."""
    return from_flac(recording_bytes(recording))


def flac(audio: Audio) -> bytes:
    """Encode decoded sound as FLAC (16 bit)."""
    buffer = io.BytesIO()
    soundfile.write(buffer, audio.samples, audio.rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def from_flac(content: bytes) -> Audio:
    """Return the sound of a file that `flac` made (trusted: we encoded it ourselves)."""
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    return Audio(samples, rate)


def keep_voiceprint(recording: Recording, embedding: Embedding) -> Voiceprint:
    """Seal and keep the voiceprint of a recording; measuring again replaces it."""
    owner = recording.voice.owner.vault_owner
    sealed = vault.seal(owner, "voiceprint", str(recording.pk), embedding.vector.astype("<f4").tobytes())
    measured = {"engine": embedding.engine, "version": embedding.version, "sealed": sealed}
    voiceprint, _ = Voiceprint.objects.update_or_create(
        recording=recording, defaults={**measured, "measured_at": timezone.now()}
    )
    return voiceprint


def load_voiceprint(voiceprint: Voiceprint) -> Embedding:
    """Return a kept voiceprint."""
    recording = voiceprint.recording
    data = vault.unseal(recording.voice.owner.vault_owner, "voiceprint", str(recording.pk), bytes(voiceprint.sealed))
    return Embedding(np.frombuffer(data, dtype="<f4").copy(), voiceprint.engine, voiceprint.version)


@transaction.atomic
def keep_resemblances(voice: Voice, found: Mapping[UUID, float], *, at: datetime) -> list[UUID]:
    """Note which voices a voice sounds like, and how much, in place of what was noted; return those that are new."""
    known = set(voice.resemblances.values_list("other", flat=True))
    voice.resemblances.exclude(other__in=found).delete()
    for other, score in found.items():
        measured = {"score": round(score, 4), "found_at": at}
        Resemblance.objects.update_or_create(voice=voice, other_id=other, defaults=measured)
    new = [other for other in found if other not in known]
    if new:
        audit.record("voices.voice.resembles", subject=voice, data={"voices": [str(pk) for pk in new]})
    return new


def keep_fingerprint(recording: Recording, found: Fingerprint) -> RecordingFingerprint:
    """Seal and keep what a recording is known again by."""
    sealed = vault.seal(recording.voice.owner.vault_owner, "fingerprint", str(recording.pk), found.tobytes())
    kept, _ = RecordingFingerprint.objects.update_or_create(
        recording=recording, defaults={"version": fingerprints.VERSION, "sealed": sealed}
    )
    return kept


def load_fingerprint(kept: RecordingFingerprint) -> Fingerprint:
    """Return a kept fingerprint; an empty one, which is like nothing, where it is of another version."""
    if kept.version != fingerprints.VERSION:
        return fingerprints.NONE
    recording = kept.recording
    data = vault.unseal(recording.voice.owner.vault_owner, "fingerprint", str(recording.pk), bytes(kept.sealed))
    return np.frombuffer(data, np.uint8).reshape(-1, fingerprints.WIDTH)


def forget_voiceprints(voice: Voice) -> None:
    """Delete a voice's voiceprints and fingerprints, and what was found by them."""
    RecordingFingerprint.objects.filter(recording__voice=voice).delete()
    Voiceprint.objects.filter(recording__voice=voice).delete()
    Resemblance.objects.filter(Q(voice=voice) | Q(other=voice)).delete()


def own_samples(account: User) -> list[Recording]:
    """Return a sample of each voice of an account holder's own that has not ended."""
    own = account.voices.filter(whose=Voice.Whose.SELF).exclude(status=Voice.Status.DELETED)
    samples = (voice.sample for voice in own.select_related("owner"))
    return [sample for sample in samples if sample]


def keep_artefact(voice: Voice, artefact: VoiceArtefact) -> str:
    """Encrypt a built voice under its owner's key and return the object's name; `activate` puts it to use."""
    return vault.put(voice.owner.vault_owner, ARTEFACT, artefact.data)


def activate(voice: Voice, *, stored: str, artefact: VoiceArtefact, at: datetime | None = None) -> None:
    """Make a built voice ready to speak."""
    move(
        voice,
        Voice.Status.ACTIVE,
        actor=None,
        artefact=stored,
        artefact_engine=artefact.engine,
        artefact_version=artefact.version,
        activated_at=at or timezone.now(),
    )


def suspend(voice: Voice, *, actor: User | None, reason: str) -> None:
    """Let a voice speak no more, until it is restored; work that waits finds it suspended."""
    move(voice, Voice.Status.SUSPENDED, actor=actor, reason=reason)


def restore(voice: Voice, *, actor: User | None, reason: str) -> None:
    """Let a suspended voice speak again."""
    move(voice, Voice.Status.ACTIVE, actor=actor, reason=reason)


def load_artefact(voice: Voice) -> VoiceArtefact:
    """Return what the speech engine needs to speak as this voice; raise VoiceNotReady where there is none."""
    if voice.status != Voice.Status.ACTIVE or not voice.artefact:
        raise VoiceNotReady()
    data = vault.read(voice.artefact, owner=voice.owner.vault_owner, purpose=ARTEFACT)
    return VoiceArtefact(data, voice.artefact_engine, voice.artefact_version)


def shred(voice: Voice, *, reason: str) -> None:
    """Destroy the key of a refused voice's recordings, and what lies under it. Safe to repeat."""
    vault.destroy(voice.owner.vault_owner, actor=None, reason=reason)
    forget_voiceprints(voice)
    for recording in voice.recordings.all():
        vault.delete(recording.object)


def put_names_away(voice: Voice, *, sealed: bytes = b"") -> None:
    """Take the names out of an ended voice; `sealed` is what stays of the Voice Owner's, as evidence."""
    VoiceOwner.objects.filter(pk=voice.owner_id).update(name="", sealed_name=sealed)
    Voice.objects.filter(pk=voice.pk).update(name="")
    voice.name = voice.owner.name = ""


def forget_recordings(voice: Voice) -> None:
    """Delete what is known of an ended voice's recordings, whose sound was destroyed with their key."""
    voice.recordings.all().delete()


def listened(recording: Recording, *, actor: User, how: str = "audio") -> None:
    """Record that a member of staff listened to a recording or looked at its picture. No row, no sound."""
    with transaction.atomic():
        audit.record(
            "voices.recording.listened",
            actor=actor,
            subject=recording,
            data={"voice": str(recording.voice_id), "how": how},
        )
