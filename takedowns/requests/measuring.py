"""Measure what somebody read aloud to show whose voice they have, as the Consent Gate does. Runs in a worker."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import numpy as np

from consent import measuring, phrases
from consent import policies as gate
from consent.measuring import Measurement
from consent.models import Attempt
from consent.policies import Finding, Measured
from consent.repeats import none_before
from takedowns.models import OwnerRecording, OwnerRequest
from takedowns.requests import policies, services
from takedowns.requests.services.taking import VOICEPRINT
from velluto import engines, vault
from velluto.audio.signal import Audio
from velluto.engines.base import Embedding
from voices import likeness
from voices.likeness import Likeness
from voices.models import Voice


def measure(recording: OwnerRecording, *, tell: Callable[[int, int, str], None]) -> Measurement:
    """Run every check of the recording's step."""

    def words(audio: Audio) -> Iterator[Finding]:
        assert recording.phrase is not None
        transcriber = engines.transcriber()
        slots = phrases.captcha_slots(recording.phrase.words, secrets.SystemRandom())
        reading = transcriber.read(audio, slots)
        yield gate.CAPTCHA_WORDS.judge(Measured(phrases.captcha_hits(reading), reading.engine, reading.version))

    def enrolled() -> Embedding:
        sample = recording.request.recordings.get(step=OwnerRecording.Step.SAMPLE, status="passed")
        return voiceprint_of(sample)

    return measuring.check(
        Attempt.Step(recording.step),
        services.load_audio(recording),
        words=words,
        enrolled=enrolled,
        earlier=none_before,
        tell=tell,
    )


def voiceprint_of(recording: OwnerRecording) -> Embedding:
    """Return the voiceprint that was measured."""
    data = vault.unseal(recording.request.vault_owner, VOICEPRINT, str(recording.pk), bytes(recording.voiceprint))
    return Embedding(np.frombuffer(data, dtype="<f4").copy(), recording.engine, recording.version)


def find(request: OwnerRequest) -> list[Likeness]:
    """Return the personal voices here that sound like whoever asked, the closest first."""
    heard = request.recordings.filter(step=OwnerRecording.Step.SAMPLE).exclude(engine="")
    sample = heard.filter(status=OwnerRecording.Status.PASSED).first() or heard.last()
    if sample is None:
        return []
    found = likeness.find(voiceprint_of(sample), limit=4 * policies.CANDIDATES, threshold=policies.LIKENESS)
    personal = set(
        Voice.objects.filter(pk__in=[one.voice_id for one in found], kind=Voice.Kind.PERSONAL).values_list(
            "pk", flat=True
        )
    )
    return [one for one in found if one.voice_id in personal][: policies.CANDIDATES]
