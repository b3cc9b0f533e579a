"""The house with stand-ins for its engines: for tests of what happens to voices and sounds, not of how they are made.

Everything else is real: the gate's services, the jobs, the vault, the moderator.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import numpy as np
from django.utils import timezone

from accounts.models import User
from consent import measuring, policies, services
from consent.models import Attempt
from synthesis import making
from synthesis import services as synthesis
from synthesis.models import SpeechRequest
from tests import factories
from tests.audio.sounds import a_melody, written
from velluto import engines, jobs
from velluto.audio.signal import Audio
from velluto.engines.base import Embedding, Mark, VoiceArtefact
from velluto.jobs import Job
from voices.models import Voice


def _measure(attempt: Attempt, **options: object) -> measuring.Measurement:
    """Find that everything the step requires is there."""
    found = measuring.Measurement()
    found.findings = [
        policies.Finding(code, code, 1.0, 1.0, "", True, "It is there.", "stand-in", "1")
        for code in policies.REQUIRED[attempt.step]
    ]
    found.voiceprint = Embedding(np.ones(4, np.float32) / 2, "stand-in", "1")
    return found


@contextmanager
def engines_replaced() -> Iterator[None]:
    """Pass every check and build a voice of a few bytes."""
    artefact = VoiceArtefact(b"a voice", "stand-in", "1")
    with (
        mock.patch.object(measuring, "measure", _measure),
        mock.patch.object(engines.speech(), "enrol", return_value=artefact),
    ):
        yield


def _file(seconds: float) -> io.BytesIO:
    return io.BytesIO(written(a_melody(seconds, 8_000), "WAV"))


def voice_in_review(user: User | None = None) -> Voice:
    """Return a voice that came through the gate."""
    voice = factories.declared_voice(user)
    _hand_in(voice)
    return voice


def _hand_in(voice: Voice) -> None:
    owner = factories.in_person(voice)
    with engines_replaced():
        services.hand_in_sample(voice, _file(31.0), actor=voice.account)
        jobs.drain()
        factories.represent(voice)
        services.answer_phrase(services.show_phrase(voice, actor=owner), _file(3.0), actor=owner)
        jobs.drain()
        services.hand_in_statement(voice, _file(3.0), on=timezone.localdate(), actor=owner)
        jobs.drain()
    voice.refresh_from_db()


def active_voice(user: User | None = None) -> Voice:
    """Return a voice that a moderator approved, and that was built."""
    voice = voice_in_review(user)
    _approve(voice)
    return voice


def through_the_gate(voice: Voice) -> None:
    """Let a voice whose owner has allowed it come through the gate, past a moderator, and be built."""
    _hand_in(voice)
    _approve(voice)


def _approve(voice: Voice) -> None:
    factories.decide(voice, "approve")
    with engines_replaced():
        jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.ACTIVE


def asked(voice: Voice, text: str = "What was said.") -> SpeechRequest:
    """Return a request that waits for its turn."""
    return synthesis.request_speech(account=voice.account, voice=voice, text=text)


@contextmanager
def speech_at_once(text: str = "What was said.") -> Iterator[None]:
    """Let every script be spoken, marked and read back in no time."""
    mark = Mark(synthesis.new_payload(), 0.0, 1.0, 1.0, "stand-in", "1")
    made = making.Made(b"RIFF" + text.encode(), 1.0, mark, signed=False, disclosed=False)
    sound = Audio(np.zeros(8, np.float32), 8_000)
    with (
        mock.patch.object(making, "speak", return_value=(sound, False)),
        mock.patch.object(making, "finish", return_value=made),
    ):
        yield


def spoken(voice: Voice, text: str = "What was said.") -> SpeechRequest:
    """Return a request that was asked for, spoken and published."""
    request = asked(voice, text)
    with speech_at_once(text):
        jobs.drain()
    request.refresh_from_db()
    assert request.status == SpeechRequest.Status.DONE, request.error
    return request


def drain() -> None:
    """Do everything that waits, what waits for another attempt included."""
    Job.objects.filter(status=Job.Status.QUEUED).update(due_at=timezone.now() - timedelta(seconds=1))
    jobs.drain()
