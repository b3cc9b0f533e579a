"""A recording is known again after what encoders and editors do to it; other readings are others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from consent.policies import REPEATED
from tests import factories
from velluto.audio.fingerprint import CHANCE, NONE, fingerprint, sameness
from velluto.audio.signal import Audio
from velluto.benchmarks.attacks import OPUS_RATE, coded, telephone

WORDS = "harvest, umbrella, candle, mountain, silver"


@pytest.fixture(scope="module")
def read() -> Audio:
    return factories.ALICE.read(WORDS)


@pytest.mark.parametrize(
    "change",
    [
        lambda audio: audio,
        lambda audio: Audio((audio.samples * 0.1).astype(np.float32), audio.rate),
        lambda audio: audio.cut(0.7103, audio.seconds - 0.4),
        lambda audio: coded(audio, "mp3", "libmp3lame", 32_000, 16_000),
        lambda audio: coded(audio.cut(0.5, audio.seconds), "ogg", "libopus", 16_000, OPUS_RATE),
        telephone,
    ],
    ids=["as it is", "quieter", "cut", "mp3", "cut, opus", "telephone"],
)
def test_the_same_recording_is_known_again(read: Audio, change: Callable[[Audio], Audio]):
    assert sameness(fingerprint(read), fingerprint(change(read))) > REPEATED.threshold + 0.05


def test_the_same_words_by_somebody_else_and_other_words_by_the_same_person_are_another_recording(read: Audio):
    other = factories.BOB.read(WORDS)
    words = factories.ALICE.read("The kettle was still warm when we came home.")
    for one in (other, words):
        assert sameness(fingerprint(read), fingerprint(one)) < REPEATED.threshold


def test_silence_and_too_little_in_common_are_no_sameness(read: Audio):
    quiet = Audio(np.concatenate([read.samples[:12_000], np.zeros(64_000, np.float32)]), read.rate)
    spoken = factories.BOB.read("something else altogether")
    padded = Audio(np.concatenate([spoken.samples, np.zeros(64_000, np.float32)]), spoken.rate)
    assert sameness(fingerprint(quiet), fingerprint(padded)) < REPEATED.threshold
    assert sameness(fingerprint(read), fingerprint(read.cut(0, 0.5))) == CHANCE
    assert sameness(NONE, fingerprint(read)) == CHANCE
