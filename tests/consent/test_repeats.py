"""A recording counts once: replayed under the same account or another one, cut or encoded again, it does not pass."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from consent import repeats, services
from consent.models import Attempt
from tests import factories
from tests.accounts.factories import make_user
from tests.once import once
from velluto import engines, jobs, vault
from velluto.audio.fingerprint import fingerprint
from velluto.audio.signal import Audio
from velluto.audit.models import AuditEvent
from velluto.benchmarks.attacks import coded
from voices import services as voices
from voices.models import Recording, Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

WORDS = ("harvest", "umbrella", "candle", "mountain", "silver")


def phrase() -> Audio:
    return once("a phrase", lambda: factories.ALICE.read(", ".join(WORDS)))


def captcha(voice: Voice, audio: Audio, *, at: int = 0) -> Attempt:
    """Return a phrase handed in so many minutes from now, its voiceprint and fingerprint kept."""
    received = timezone.now() + timedelta(minutes=at)
    recording = voices.keep_recording(voice, purpose="captcha", audio=audio, received_at=received, actor=voice.account)
    voices.keep_fingerprint(recording, fingerprint(audio))
    return Attempt.objects.create(
        voice=voice, step="captcha", recording=recording, submitted_at=received, status=Attempt.Status.FAILED
    )


def closest(attempt: Attempt, audio: Audio) -> repeats.Repeat:
    return repeats.closest(attempt, fingerprint(audio), engines.speaker().embed(audio))


def test_a_phrase_that_was_read_for_another_account_is_found_again_though_it_was_cut_and_encoded():
    there = factories.voice_at("representations", make_user(full_name="Alice Baker"))
    here = factories.voice_at("representations", make_user(full_name="Winifred Quill"))
    first = captcha(there, phrase())
    replayed = coded(phrase().cut(0.6, phrase().seconds), "mp3", "libmp3lame", 48_000, 16_000)
    found = closest(captcha(here, replayed, at=1), replayed)
    assert found.recording == first.recording_id
    assert found.sameness > 0.8


def test_what_came_later_was_not_checked_or_is_destroyed_is_not_held_against_it():
    voice = factories.voice_at("representations", make_user(full_name="Alice Baker"))
    other = factories.voice_at("representations", make_user(full_name="Winifred Quill"))
    first = captcha(voice, phrase())
    captcha(voice, phrase(), at=5)
    assert closest(first, phrase()).sameness < 0.7  # of its own sample: other words
    Attempt.objects.filter(pk=first.pk).update(status=Attempt.Status.CHECKING)
    services.could_not_check(Attempt.objects.get(pk=first.pk))
    assert closest(captcha(voice, phrase(), at=2), phrase()).sameness < 0.7
    gone = captcha(other, phrase(), at=-1)
    assert closest(first, phrase()).recording == gone.recording_id
    vault.destroy(other.owner.vault_owner, actor=None, reason="ended")
    assert closest(first, phrase()).recording != gone.recording_id


def test_a_statement_that_is_sent_a_second_time_is_refused_with_its_reason_and_the_first_is_named_in_the_audit():
    account = make_user(full_name="Alice Baker")
    first = factories.voice_at("statement", account, "First")
    today = timezone.localdate()
    sound = once("a statement", lambda: factories.recording(services.statement_text(first, today)).getvalue())
    services.hand_in_statement(first, io.BytesIO(sound), on=today, actor=account)
    jobs.drain()
    passed = first.attempts.get(step="statement")
    assert passed.checks.get(code="repeated").verdict == "passed"
    second = factories.voice_at("statement", account, "Second")
    services.hand_in_statement(second, io.BytesIO(sound), on=today, actor=account)
    jobs.drain()
    attempt = second.attempts.get(step="statement")
    check = attempt.checks.get(code="repeated")
    assert (attempt.status, check.verdict) == ("failed", "failed")
    assert check.value > 0.95
    assert "handed in before" in check.sentence
    row = AuditEvent.objects.get(event="consent.attempt.failed", subject_id=str(attempt.pk))
    assert row.data["repeats"] == str(Recording.objects.get(attempt=passed).pk)
