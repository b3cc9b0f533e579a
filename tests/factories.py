"""States of the house, reached through its services. What a machine measures is measured once a run and reused."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any, BinaryIO
from unittest import mock

from django.utils import timezone

from accounts.models import User
from consent import invitations, measuring, services, steps
from consent.models import Attempt, Attestation, Challenge, OwnerConsent, OwnerLink
from consent.never.policies import Answers
from consent.policies import Scope
from consent.script import PASSAGES
from moderation import services as moderation
from moderation.models import Case
from moderation.services import nogo
from tests.accounts.factories import make_user
from tests.consent import papers
from tests.once import once
from velluto import engines, jobs
from velluto.audio import intake
from velluto.audio.signal import Audio
from velluto.engines.made_up import MadeUpSpeaker, wav
from voices import services as voices
from voices.models import Voice

ALICE = MadeUpSpeaker("en-us+f2")
BOB = MadeUpSpeaker("en-us+m3", pitch=30)


def recording(*texts: str, speaker: MadeUpSpeaker = ALICE) -> io.BytesIO:
    """Return a WAV file of somebody reading the texts."""
    return wav(speaker.read(*texts))


def sample() -> io.BytesIO:
    """Return a good sample of Alice's voice (some 50 seconds)."""
    return io.BytesIO(once("sample", lambda: recording(*PASSAGES[:3]).getvalue()))


class Misheard(Exception):
    """A good recording was not found good, as happens to one phrase in sixty."""


@contextmanager
def measured_once() -> Iterator[None]:
    """Measure each step's good recording and build its voice once a run; decode it once a process."""
    real, engine, decode = measuring.measure, engines.speech(), intake.decode
    enrol = engine.enrol

    def measure(attempt: Attempt, **options: object) -> measuring.Measurement:
        def make() -> measuring.Measurement:
            found = real(attempt, **options)
            if not all(finding.passed for finding in found.findings):
                raise Misheard(found)
            return found

        try:
            return once(f"{attempt.step} measured", make)
        except Misheard as misheard:
            return misheard.args[0]

    def decode_once(content: BinaryIO, **options: object) -> Audio:
        return decode(content, **options) if options else _decoded(decode, content.read())

    with (
        mock.patch.object(measuring, "measure", measure),
        mock.patch.object(engine, "enrol", lambda samples: once("voice", lambda: enrol(samples))),
        mock.patch.object(intake, "decode", decode_once),
    ):
        yield


@cache
def _decoded(decode: Callable[[BinaryIO], Audio], content: bytes) -> Audio:
    return decode(io.BytesIO(content))


NOBODY_KNOWN = Answers(
    alive=True,
    adult=True,
    office="never",
    office_until=None,
    public_figure=False,
    forbidden_use=False,
    purpose="To read my book aloud.",
)


def answers(**other: Any) -> Answers:
    """Return what is declared of somebody whose voice may be cloned, but for what is said otherwise."""
    return replace(NOBODY_KNOWN, **other)


def declare(user: User, *, whose: str = "self", name: str = "My voice", owner_name: str = "", **other: Any) -> Voice:
    """Declare a voice; `tier` and the answers may be said otherwise."""
    tier = other.pop("tier", Voice.Tier.INSTANT)
    owner_name = owner_name or user.full_name
    return services.declare(
        account=user, whose=whose, tier=tier, name=name, owner_name=owner_name, answers=answers(**other)
    )


def declared_voice(user: User | None = None, name: str = "My voice", **other: Any) -> Voice:
    return declare(user or make_user(full_name="Alice Baker"), name=name, **other)


EVERYTHING = Scope(commercial=True, sharing=True, languages=frozenset(), until=None)
OWN_USE = Scope(commercial=False, sharing=False, languages=frozenset(), until=None)


def entrusted_voice(user: User | None = None, **other: Any) -> Voice:
    """Return a voice that an account declares to be Alice's."""
    user = user or make_user(full_name="Carol Cooper")
    return declare(user, whose=Voice.Whose.THIRD_PARTY, name="Her voice", owner_name="Alice Baker", **other)


def invite(voice: Voice, *, scope: Scope = EVERYTHING, email: str = "", **options: Any) -> OwnerLink:
    reason = options.pop("reason", "To read my book aloud.")
    options.setdefault("actor", voice.account)
    return invitations.invite(voice, email=email, reason=reason, scope=scope, **options)


def grant(link: OwnerLink, **options: Any) -> OwnerConsent:
    signed = {
        "scope": OWN_USE,
        "agreed": True,
        "signature": "Alice Baker",
        "born_on": date(1980, 5, 17),
        "shown_sha256": services.attestation(Attestation.Kind.VOICE_OWNER).sha256,
        "ip_address": "198.51.100.9",
        "user_agent": "a phone",
    }
    return invitations.grant(link, **signed | options)


def in_person(voice: Voice) -> User | str:
    """Return who takes the owner's steps of the gate."""
    return voice.account if voice.whose == Voice.Whose.SELF else voice.owner.vault_owner


def screened(voice: Voice) -> None:
    """Say that a voice was compared with the No-Go list, which met nothing."""
    nogo.keep(voice, stamp=nogo.search(voice.owner.name, None)[0], found=[], evidence={})


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


def voice_at(step: str, user: User | None = None, name: str = "My voice", *, voice: Voice | None = None) -> Voice:
    """Return a voice that stands at a step of the gate: sample, representations, captcha, statement or review."""
    voice = voice or declared_voice(user, name)
    with measured_once():
        while (here := steps.next_step(voice)) and here.key != step:
            number = voice.attempts.filter(step=here.key).count()
            go_on(voice, here.key, f"{here.key} {number}")
            jobs.drain()
    voice.refresh_from_db()
    return voice


def go_on(voice: Voice, step: str, name: str) -> None:
    """Take a step of the gate; what is read aloud for it is read once a run, under this name."""
    if step == "permission":
        grant(invite(voice))
    elif step == "authorisation":
        papers.authorise(voice)
    elif step == "sample":
        services.hand_in_sample(voice, sample(), actor=voice.account)
    elif step == "representations":
        represent(voice)
    elif step == "captcha":
        challenge = services.show_phrase(voice, actor=in_person(voice))
        read = once(name, lambda: read_phrase(challenge).getvalue())
        services.answer_phrase(challenge, io.BytesIO(read), actor=in_person(voice))
    else:
        today = timezone.localdate()
        read = once(name, lambda: recording(services.statement_text(voice, today)).getvalue())
        services.hand_in_statement(voice, io.BytesIO(read), on=today, actor=in_person(voice))


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


def active_voice(user: User | None = None, name: str = "My voice", *, voice: Voice | None = None) -> Voice:
    """Return a voice that has come through the gate and past a moderator, and can speak."""
    voice = voice_at("review", user, name, voice=voice)
    decide(voice, "approve")
    with measured_once():
        jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.ACTIVE, voice.status
    return voice


def curated_voice(*, until: date | None = None, publish: bool = True, name: str = "Linen", **entry: str) -> Voice:
    """Return a curated voice that is built, with rights until a day and terms, in the catalogue or just before it."""
    actor, now = make_user(staff=True), timezone.now()
    given = {"language": "en", "style": "narration", "gender": "female", "description": "Light and even."}
    voice = voices.add_curated(name=name, actor=actor, **{**given, **entry})
    with measured_once():
        sound = intake.decode(sample())
    voices.keep_recording(voice, purpose="sample", audio=sound, received_at=now, actor=actor)
    origin = "actor" if until else "synthetic"
    first = min(until, timezone.localdate()) if until else timezone.localdate()
    voices.record_rights(voice, origin=origin, granted_by="An agency", valid_from=first, valid_until=until, actor=actor)
    voices.put_licence(voice, version="1", text="Do no harm with it.", actor=actor)
    voices.build_curated(voice, actor=actor)
    with measured_once():
        jobs.drain()
    voice.refresh_from_db()
    if publish:
        voices.publish(voice, actor=actor)
    return voice


def accept_licence(voice: Voice, account: User) -> None:
    licence = voices.licence_of(voice)
    voices.accept_licence(voice, account=account, ticked=True, shown_sha256=licence.sha256)
