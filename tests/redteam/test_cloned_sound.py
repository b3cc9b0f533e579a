"""Somebody lets a clone take the Consent Gate in the Voice Owner's place, and tries to wash its mark off first."""

from __future__ import annotations

from functools import cache

import pytest

from consent import measuring, services
from consent.models import Attempt
from tests import factories
from tests.redteam.removal import REMOVALS, STATEMENT
from velluto import engines, jobs
from velluto.audio.signal import Audio
from velluto.engines.espeak import say

pytestmark = pytest.mark.engines
PAYLOAD = 0x0123_4567_89AB
NOT_HELD = ("10 % slower at its pitch", "played 10 % faster", "a semitone up", "a semitone down")
NOT_ALWAYS = ("in a loud room", "every other two seconds", "Opus at 16 kbit/s")  # see docs/red-team.md
HELD = [name for name in REMOVALS if name not in (*NOT_HELD, *NOT_ALWAYS)]


@cache
def output() -> Audio:
    """Return the statement as a voice made here would say it, with its mark."""
    return engines.watermark().embed(say(STATEMENT, "en-us+f2").at(16_000), PAYLOAD)


def found(removed: str) -> bool:
    """Tell whether the gate refuses it and the detector knows it again."""
    sound = REMOVALS[removed](output())
    known = [mark.payload for mark in engines.watermark().detect(sound)] == [PAYLOAD]
    assert known != measuring._own_mark(sound).passed, "the gate and the detector hear the same"
    return known


@pytest.mark.parametrize("removed", HELD)
def test_the_mark_of_a_clone_is_still_found_after(removed: str):
    assert found(removed)


@pytest.mark.parametrize("removed", NOT_HELD)
@pytest.mark.xfail(strict=True, reason="did not hold: the detector looks for changes of up to 6 % in speed or in tempo")
def test_the_mark_of_a_clone_is_found_even_after(removed: str):
    assert found(removed)


@pytest.mark.django_db(databases=["default", "keys"])
def test_a_clone_that_reads_the_right_phrase_in_time_fails_by_its_mark_alone():
    voice = factories.voice_at("captcha")
    shown = services.show_phrase(voice, actor=voice.account)
    clone = engines.watermark().embed(factories.ALICE.read(", ".join(shown.words)), PAYLOAD)
    attempt = services.answer_phrase(shown, factories.wav(clone), actor=voice.account)
    jobs.drain()
    attempt.refresh_from_db()
    assert attempt.status == Attempt.Status.FAILED
    assert "own_mark" in {check.code for check in attempt.checks.filter(verdict="failed")}
    assert "made by a synthetic voice" in attempt.checks.get(code="own_mark").sentence
