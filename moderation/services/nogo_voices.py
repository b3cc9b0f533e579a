"""Let an entry be met by voice: a custodian hands a recording in, a job makes the voiceprint, the sound is deleted."""

from __future__ import annotations

import io
from typing import BinaryIO

import soundfile
from django.db import transaction

from accounts.models import User
from moderation import policies
from moderation.models import NoGoEntry, NoGoRecording
from moderation.services import nogo
from velluto import audit, engines, jobs, vault
from velluto.audio import intake
from velluto.audio.pitch import moved
from velluto.audio.signal import Audio
from velluto.engines.base import Embedding, TooLittleSpeech
from velluto.jobs import Run

READ = "moderation.read_nogo_recording"
SOUND = "nogo.recording"


def voiceprints_of(audio: Audio) -> tuple[Embedding, ...]:
    """Return what an entry is met by: voiceprints of the recording as it is, and disguised; raise TooLittleSpeech."""
    return tuple(engines.speaker().embed(moved(audio, semitones)) for semitones in policies.DISGUISES)


def hand_in(entry: NoGoEntry, content: BinaryIO, *, actor: User) -> NoGoRecording:
    """Take a recording of a listed person; it is kept, sealed, until its voiceprint is made."""
    audio, flac = intake.decode(content), io.BytesIO()
    soundfile.write(flac, audio.samples, audio.rate, format="FLAC", subtype="PCM_16")
    with transaction.atomic():
        kept = vault.put(entry.vault_owner, SOUND, flac.getvalue())
        recording = NoGoRecording.objects.create(entry=entry, object=kept, added_by=actor)
        jobs.enqueue(READ, str(recording.pk), key=f"{READ}:{recording.pk}", actor=actor)
        audit.record("moderation.nogo.recording_kept", actor=actor, subject=entry)
    return recording


def read(run: Run, recording: NoGoRecording) -> None:
    """Make the voiceprint and delete the sound; where there is too little speech, say so on the entry's page."""
    entry = recording.entry
    content = vault.read(recording.object, owner=entry.vault_owner, purpose=SOUND)
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    try:
        found = voiceprints_of(Audio(samples, rate))
    except TooLittleSpeech:
        found = ()
    with run.commit():
        if found:
            nogo.add_voiceprints(entry, found, actor=recording.added_by)
            _drop(recording)
        else:
            give_up(recording, "There is too little speech in it.")


def give_up(recording: NoGoRecording, problem: str) -> None:
    """Delete the sound and say why there is no voiceprint of it."""
    vault.delete(recording.object)
    NoGoRecording.objects.filter(pk=recording.pk).update(object="", problem=problem)


def _drop(recording: NoGoRecording) -> None:
    vault.delete(recording.object)
    recording.delete()
