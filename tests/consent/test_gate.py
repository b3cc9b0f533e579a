"""The Consent Gate, with real engines and made-up speakers: who comes through, and who does not."""

from __future__ import annotations

import io
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from accounts.refusals import AccountSuspended
from consent import refusals, services, steps
from consent.models import Attempt, Challenge, ConsentRecord
from consent.script import PASSAGES
from moderation.models import Case
from tests import factories
from tests.factories import ALICE, BOB
from velluto import engines, jobs
from velluto.audio.refusals import AudioRefusal
from velluto.audio.signal import Audio
from velluto.audit.models import AuditEvent
from velluto.engines.made_up import wav
from velluto.errors import Refusal
from velluto.transitions import move
from velluto.vault import VaultError
from velluto.vault.models import VaultObject
from voices import services as voices
from voices.models import Recording, Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def checked(attempt: Attempt) -> Attempt:
    jobs.drain()
    attempt.refresh_from_db()
    return attempt


def failed_checks(attempt: Attempt) -> set[str]:
    return set(attempt.checks.filter(verdict="failed").values_list("code", flat=True))


def hand_in(voice: Voice, audio: Audio) -> Attempt:
    return checked(services.hand_in_sample(voice, wav(audio), actor=voice.account))


def test_alice_comes_through_the_whole_gate_and_her_case_waits_for_a_person():
    voice = factories.declared_voice()
    assert checked(services.hand_in_sample(voice, factories.sample(), actor=voice.account)).status == "passed"
    factories.represent(voice)
    for _ in range(3):  # as many tries as everybody has: one phrase in sixty of hers is misheard
        challenge = services.show_phrase(voice, actor=voice.account)
        answered = services.answer_phrase(challenge, factories.read_phrase(challenge), actor=voice.account)
        if checked(answered).status == "passed":
            break
    assert answered.status == "passed", failed_checks(answered)
    today = timezone.localdate()
    read = factories.recording(services.statement_text(voice, today))
    stated = checked(services.hand_in_statement(voice, read, on=today, actor=voice.account))
    assert stated.status == "passed", failed_checks(stated)

    voice.refresh_from_db()
    assert voice.status == Voice.Status.REVIEW
    assert Case.objects.about(voice).get().status == Case.Status.OPEN
    assert steps.next_step(voice) is None
    for check in stated.checks.all():
        assert check.engine and check.version and check.sentence
        assert check.value is not None and check.threshold is not None


def test_the_representations_are_kept_word_for_word_with_where_they_came_from():
    voice = factories.voice_at("captcha")
    record = ConsentRecord.objects.get(voice=voice)
    assert "indemnify Velluto per the Terms for any breach" in record.attestation.text
    assert record.text_sha256 == record.attestation.sha256
    assert (record.ip_address, record.user_agent) == ("192.0.2.7", "a browser")
    assert record.retain_until >= (record.given_at + timedelta(days=3 * 365)).date()
    with pytest.raises(TypeError):
        record.save()


# ---------------------------------------------------------------------------------------------------- the sample


@pytest.mark.engines
def test_silence_is_no_sample():
    attempt = hand_in(factories.declared_voice(), Audio(np.full(16_000 * 35, 1e-5, np.float32), 16_000))
    assert attempt.status == Attempt.Status.FAILED
    assert "speech_seconds" in failed_checks(attempt)


@pytest.mark.engines
def test_noise_is_no_sample():
    noise = np.random.default_rng(3).normal(0, 0.1, 16_000 * 35).astype(np.float32)
    attempt = hand_in(factories.declared_voice(), Audio(noise, 16_000))
    assert attempt.status == Attempt.Status.FAILED
    assert "speech_seconds" in failed_checks(attempt)


@pytest.mark.engines
def test_speech_under_loud_noise_is_refused_for_the_noise():
    speech = ALICE.read(*PASSAGES[:3]).at(16_000)
    noise = np.random.default_rng(3).normal(0, 0.06, len(speech.samples)).astype(np.float32)
    attempt = hand_in(factories.declared_voice(), Audio(np.clip(speech.samples + noise, -1, 1), 16_000))
    assert attempt.status == Attempt.Status.FAILED
    assert "noise" in failed_checks(attempt)


@pytest.mark.engines
def test_an_overdriven_recording_is_refused_for_the_clipping():
    speech = ALICE.read(*PASSAGES[:3]).at(16_000)
    attempt = hand_in(factories.declared_voice(), Audio(np.clip(speech.samples * 30, -1, 1), 16_000))
    assert "clipping" in failed_checks(attempt)


def test_five_seconds_are_too_short_and_nothing_is_kept():
    voice = factories.declared_voice()
    with pytest.raises(refusals.SampleTooShort) as refused:
        services.hand_in_sample(
            voice, factories.recording("Five seconds are not enough for a voice."), actor=voice.account
        )
    assert refused.value.code == "sample_too_short"
    assert not Recording.objects.filter(voice=voice).exists()


@pytest.mark.engines
def test_two_speakers_are_one_too_many():
    both = np.concatenate([ALICE.read(*PASSAGES[:2]).samples, BOB.read(*PASSAGES[2:4]).samples])
    attempt = hand_in(factories.declared_voice(), Audio(both, ALICE.read("a").rate))
    assert attempt.status == Attempt.Status.FAILED
    assert "one_speaker" in failed_checks(attempt)


def test_a_hostile_file_is_refused_and_nothing_is_kept():
    voice = factories.declared_voice()
    with pytest.raises(AudioRefusal):
        services.hand_in_sample(voice, io.BytesIO(b"PK\x03\x04 not a recording" * 100), actor=voice.account)
    assert not Recording.objects.filter(voice=voice).exists()
    assert not voice.attempts.exists()


@pytest.mark.engines
def test_what_velluto_made_cannot_be_a_sample():
    marked = engines.watermark().embed(ALICE.read(*PASSAGES[:3]), 123_456_789)
    attempt = hand_in(factories.declared_voice(), marked)
    assert attempt.status == Attempt.Status.FAILED
    assert "own_mark" in failed_checks(attempt)


# ---------------------------------------------------------------------------------------------------- the captcha


@pytest.mark.engines
def test_a_wrong_phrase_does_not_pass():
    voice = factories.voice_at("captcha")
    challenge = services.show_phrase(voice, actor=voice.account)
    other = factories.recording("table, window, carpet, monday, yesterday")
    attempt = checked(services.answer_phrase(challenge, other, actor=voice.account))
    assert "captcha_words" in failed_checks(attempt)


@pytest.mark.engines
def test_the_right_phrase_by_another_speaker_does_not_pass():
    voice = factories.voice_at("captcha")
    challenge = services.show_phrase(voice, actor=voice.account)
    attempt = checked(
        services.answer_phrase(challenge, factories.read_phrase(challenge, speaker=BOB), actor=voice.account)
    )
    assert "speaker" in failed_checks(attempt)


@pytest.mark.parametrize(("seconds", "taken"), [(13.0, True), (13.1, False)])
def test_the_servers_clock_decides_whether_an_answer_is_in_time(seconds: float, taken: bool):
    voice = factories.voice_at("captcha")
    shown_at = timezone.now()
    challenge = services.show_phrase(voice, actor=voice.account, at=shown_at)
    answer = factories.read_phrase(challenge)
    at = shown_at + timedelta(seconds=seconds)
    if taken:
        services.answer_phrase(challenge, answer, actor=voice.account, at=at)
        return
    with pytest.raises(refusals.PhraseTooLate):
        services.answer_phrase(challenge, answer, actor=voice.account, at=at)
    challenge.refresh_from_db()
    assert challenge.status == Challenge.Status.EXPIRED
    assert not voice.attempts.filter(step="captcha").exists()


def test_a_phrase_counts_once():
    voice = factories.voice_at("captcha")
    challenge = services.show_phrase(voice, actor=voice.account)
    answer = factories.read_phrase(challenge).getvalue()
    checked(services.answer_phrase(challenge, io.BytesIO(answer), actor=voice.account))
    again = Challenge.objects.get(pk=challenge.pk)
    with pytest.raises((refusals.PhraseUsed, refusals.WrongStep)):
        services.answer_phrase(again, io.BytesIO(answer), actor=voice.account)


def test_a_phrase_that_was_answered_wrongly_cannot_be_answered_again():
    voice = factories.voice_at("captcha")
    challenge = services.show_phrase(voice, actor=voice.account)
    checked(services.answer_phrase(challenge, factories.recording("no, no, no"), actor=voice.account))
    with pytest.raises(refusals.PhraseUsed):
        services.answer_phrase(
            Challenge.objects.get(pk=challenge.pk), factories.read_phrase(challenge), actor=voice.account
        )


def test_a_new_phrase_ends_the_one_before_and_is_another():
    voice = factories.voice_at("captcha")
    first = services.show_phrase(voice, actor=voice.account)
    second = services.show_phrase(voice, actor=voice.account)
    first.refresh_from_db()
    assert first.status == Challenge.Status.EXPIRED
    assert first.words != second.words


def test_phrases_cannot_be_fished_for():
    voice = factories.voice_at("captcha")
    for _ in range(12):
        services.show_phrase(voice, actor=voice.account)
    with pytest.raises(refusals.TooManyPhrases):
        services.show_phrase(voice, actor=voice.account)


# ---------------------------------------------------------------------------------------------------- the statement


@pytest.mark.engines
@pytest.mark.parametrize(
    ("said", "code"),
    [
        (lambda text: text.replace("Alice Baker", "Robert Miller"), "statement_name"),
        (lambda text: text.replace("2026", "2019"), "statement_date"),
    ],
)
def test_a_statement_with_another_name_or_date_does_not_pass(said, code: str, monkeypatch):
    voice = factories.voice_at("statement")
    today = timezone.localdate().replace(year=2026)
    monkeypatch.setattr("consent.policies.statement_date_acceptable", lambda on, now: True)
    text = said(services.statement_text(voice, today))
    attempt = checked(services.hand_in_statement(voice, factories.recording(text), on=today, actor=voice.account))
    assert code in failed_checks(attempt)


def test_a_statement_dated_tomorrow_or_the_day_before_yesterday_is_refused():
    voice = factories.voice_at("statement")
    for days in (1, -2):
        with pytest.raises(refusals.StatementDateWrong):
            on = timezone.localdate() + timedelta(days=days)
            services.hand_in_statement(voice, factories.sample(), on=on, actor=voice.account)


# ---------------------------------------------------------------------------------------------------- order and tries


def test_no_step_can_be_skipped():
    voice = factories.declared_voice()
    with pytest.raises(refusals.WrongStep):
        factories.represent(voice)
    with pytest.raises(refusals.WrongStep):
        services.show_phrase(voice, actor=voice.account)
    with pytest.raises(refusals.WrongStep):
        services.hand_in_statement(voice, factories.sample(), on=timezone.localdate(), actor=voice.account)


def test_the_box_left_empty_gives_no_consent():
    voice = factories.voice_at("representations")
    text = services.attestation("representations")
    with pytest.raises(refusals.RepresentationsNotMade):
        services.represent(
            voice, ticked=False, shown_sha256=text.sha256, actor=voice.account, ip_address=None, user_agent=""
        )
    with pytest.raises(refusals.RepresentationsChanged):
        services.represent(
            voice, ticked=True, shown_sha256="0" * 64, actor=voice.account, ip_address=None, user_agent=""
        )
    assert not ConsentRecord.objects.filter(voice=voice).exists()


def test_after_three_tries_a_person_looks_and_can_open_the_step_again():
    voice = factories.declared_voice()
    silence = Audio(np.full(16_000 * 31, 1e-5, np.float32), 16_000)
    with pytest.raises(refusals.TriesLeft):
        services.ask_a_person(voice, step="sample", actor=voice.account)
    for _ in range(3):
        assert hand_in(voice, silence).status == Attempt.Status.FAILED
    with pytest.raises(refusals.TriesUsedUp):
        services.hand_in_sample(voice, wav(silence), actor=voice.account)
    services.ask_a_person(voice, step="sample", actor=voice.account)
    factories.decide(voice, "again_sample", section="4.1", reason="There is no sound. Unmute the microphone.")
    voice.refresh_from_db()
    assert voice.status == Voice.Status.DRAFT
    assert hand_in(voice, ALICE.read(*PASSAGES[:3])).status == Attempt.Status.PASSED


def test_an_engine_that_breaks_down_costs_the_person_no_try(monkeypatch):
    voice = factories.declared_voice()
    monkeypatch.setattr("consent.measuring.measure", lambda *args, **kwargs: 1 / 0)
    attempt = services.hand_in_sample(voice, factories.sample(), actor=voice.account)
    for _ in range(3):
        jobs.Job.objects.update(due_at=timezone.now())
        jobs.drain()
    attempt.refresh_from_db()
    assert attempt.status == Attempt.Status.SUPERSEDED
    assert services.failures(voice, "sample") == 0
    assert attempt.checks.get().code == "engine_failed"


@pytest.mark.engines
def test_a_voice_that_could_not_be_built_is_built_when_the_job_is_tried_again(monkeypatch):
    voice = factories.voice_at("review")
    factories.decide(voice, "approve")
    with monkeypatch.context() as broken:
        broken.setattr(engines.speech(), "enrol", lambda samples: 1 / 0)
        for _ in range(3):
            jobs.Job.objects.filter(status="queued").update(due_at=timezone.now())
            jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.BUILD_FAILED
    jobs.retry(jobs.latest("consent.build", str(voice.pk)), actor=factories.moderator())
    with factories.measured_once():
        jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.ACTIVE


def test_a_worker_that_dies_while_it_makes_a_voice_ready_leaves_no_object_behind(monkeypatch):
    voice = factories.voice_at("review")
    factories.decide(voice, "approve")
    monkeypatch.setattr("consent.services.voices.activate", lambda *args, **options: 1 / 0)
    monkeypatch.setattr("velluto.vault.delete", lambda name: None)  # the dead clean nothing up
    with factories.measured_once():
        jobs.drain()
    assert not VaultObject.objects.filter(purpose="voice.artefact").exists()


def test_every_refusal_has_a_code_of_its_own_and_a_next_step():
    kinds = [kind for kind in vars(refusals).values() if isinstance(kind, type) and issubclass(kind, Refusal)]
    kinds.remove(Refusal)
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.message and kind.next_step for kind in kinds)


def test_no_sound_or_phrase_stands_in_the_audit():
    voice = factories.voice_at("statement")
    words = Challenge.objects.filter(voice=voice).latest("shown_at").words
    told = " ".join(str(event.data) + event.reason for event in AuditEvent.objects.all())
    assert not any(word in told for word in words)
    assert voice.owner.name not in told


def test_a_suspended_account_cannot_begin_or_go_on():
    voice = factories.voice_at("representations")
    move(voice.account, "suspended", actor=None, reason="a test")
    with pytest.raises(AccountSuspended):
        factories.represent(voice)
    with pytest.raises(AccountSuspended):
        factories.declared_voice(voice.account)
    assert not ConsentRecord.objects.filter(voice=voice).exists()


def test_a_refused_voice_can_be_withdrawn_and_its_recordings_go_with_it():
    voice = factories.voice_at("review")
    factories.decide(voice, "reject", section="2", reason="Not this voice.")
    voice.refresh_from_db()
    services.withdraw(voice, actor=voice.account, reason="then delete it")
    jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.DELETED
    with pytest.raises(VaultError):
        voices.recording_bytes(voice.recordings.first())
