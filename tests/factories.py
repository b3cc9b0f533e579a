"""States of the house, reached through its services. What a machine measures is measured once a session and reused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest import mock

from django.utils import timezone

from accounts.models import User
from consent import measuring, services
from consent.models import Attempt, Attestation, Challenge
from consent.script import PASSAGES
from moderation import services as moderation
from moderation.models import Case
from tests.accounts.factories import make_user
from velluto import engines, jobs
from velluto.audio.signal import Audio
from velluto.engines.base import VoiceArtefact
from velluto.engines.made_up import MadeUpSpeaker, wav
from voices.models import Voice

ALICE = MadeUpSpeaker("en-us+f2")
BOB = MadeUpSpeaker("en-us+m3", pitch=30)


def recording(*texts: str, speaker: MadeUpSpeaker = ALICE) -> io.BytesIO:
    """Return a WAV file of somebody reading the texts."""
    return wav(speaker.read(*texts))


@cache
def _sample() -> bytes:
    return recording(*PASSAGES[:3]).getvalue()


def sample() -> io.BytesIO:
    """Return a good sample of Alice's voice (some 50 seconds)."""
    return io.BytesIO(_sample())


_measured: dict[str, measuring.Measurement] = {}
_built: list[VoiceArtefact] = []


@contextmanager
def measured_once() -> Iterator[None]:
    """Let each step's good recording be measured by the engines once a session, and its voice be built once."""
    real, engine = measuring.measure, engines.speech()
    enrol = engine.enrol

    def measure(attempt: Attempt, **options: object) -> measuring.Measurement:
        if attempt.step not in _measured:
            _measured[attempt.step] = real(attempt, **options)
        return _measured[attempt.step]

    def build(samples: list[Audio]) -> VoiceArtefact:
        if not _built:
            _built.append(enrol(samples))
        return _built[0]

    with mock.patch.object(measuring, "measure", measure), mock.patch.object(engine, "enrol", build):
        yield


def declared_voice(user: User | None = None, name: str = "My voice") -> Voice:
    user = user or make_user(full_name="Alice Baker")
    return services.declare(account=user, whose=Voice.Whose.SELF, name=name, owner_name=user.full_name)


def represent(voice: Voice) -> None:
    services.represent(
        voice,
        ticked=True,
        shown_sha256=services.attestation(Attestation.Kind.REPRESENTATIONS).sha256,
        actor=voice.account,
        ip_address="192.0.2.7",
        user_agent="a browser",
    )


def read_phrase(challenge: Challenge, speaker: MadeUpSpeaker = ALICE) -> io.BytesIO:
    return recording(", ".join(challenge.words), speaker=speaker)


def voice_at(step: str, user: User | None = None) -> Voice:
    """Return a voice that stands at a step of the gate: sample, representations, captcha, statement or review."""
    voice = declared_voice(user)
    with measured_once():
        for key in ("sample", "representations", "captcha", "statement"):
            if key == step:
                return voice
            if key == "sample":
                services.hand_in_sample(voice, sample(), actor=voice.account)
            elif key == "representations":
                represent(voice)
            elif key == "captcha":
                challenge = services.show_phrase(voice, actor=voice.account)
                services.answer_phrase(challenge, read_phrase(challenge), actor=voice.account)
            else:
                today = timezone.localdate()
                read = recording(services.statement_text(voice, today))
                services.hand_in_statement(voice, read, on=today, actor=voice.account)
            jobs.drain()
    voice.refresh_from_db()
    return voice


def moderator(email: str = "", role: str = "moderator") -> User:
    from django.contrib.auth.models import Group

    user = make_user(email, staff=True)
    user.groups.add(Group.objects.get(name=role))
    return User.objects.get(pk=user.pk)


def decide(voice: Voice, choice: str, *, section: str = "4", reason: str = "Because it is so.") -> Case:
    actor = moderator()
    case = Case.objects.about(voice).waiting().get()
    moderation.claim(case, actor=actor)
    moderation.decide(case, choice=choice, section=section, reason=reason, actor=actor)
    return case


def active_voice(user: User | None = None) -> Voice:
    """Return a voice that has come through the gate and past a moderator, and can speak."""
    voice = voice_at("review", user)
    decide(voice, "approve")
    with measured_once():
        jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.ACTIVE, voice.status
    return voice
