"""What the gate's benchmark hands in is what it says: a wrong mixture would make a good figure worthless."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from tests.engines.voices import read_aloud
from velluto import engines
from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.benchmarks import gate
from velluto.benchmarks.gate import Person


def person(name: str, seconds: int, sign: int = 1) -> Person:
    """Return somebody in whose speech every second is another number."""
    numbers = np.repeat(sign * np.arange(1, seconds + 1) / 1000, SPEECH_RATE)
    return Person(name, Audio(numbers.astype(np.float32), SPEECH_RATE))


def seconds_of(audio: Audio) -> set[int]:
    return {round(value * 1000) for value in np.unique(audio.samples)}


def test_samples_of_one_person_share_no_second_with_each_other_or_with_what_is_said_later() -> None:
    one = person("one", 95)
    samples = one.samples()
    assert [seconds_of(sample) for sample in samples] == [set(range(first, first + 30)) for first in (1, 31, 61)]
    for number, sample in enumerate(samples):
        later = [seconds_of(piece) for piece in one.beyond(number, 10)]
        assert len(later) == 6
        assert not set.union(*later) & seconds_of(sample)


def test_noise_lies_five_decibels_under_the_speech() -> None:
    chance = np.random.default_rng(1)
    speech = Audio((0.1 * chance.standard_normal(SPEECH_RATE)).astype(np.float32), SPEECH_RATE)
    mixed = gate._mixed(speech, chance.standard_normal(SPEECH_RATE))
    scale = float(np.dot(mixed.samples, speech.samples) / np.dot(speech.samples, speech.samples))
    noise = mixed.samples / scale - speech.samples
    assert 10 * np.log10(np.mean(speech.samples**2) / np.mean(noise**2)) == pytest.approx(5, abs=0.3)


@pytest.mark.parametrize(("detail", "theirs"), [("half", 15), ("fifth", 6), ("turns", 15)])
def test_two_people_share_a_sample_in_the_proportion_it_is_filed_under(detail: str, theirs: int) -> None:
    one, crowd = person("one", 30), [person(f"other {number}", 30, -1) for number in range(20)]
    shared = [each for each in gate._shared(one, one.samples()[0], crowd, Random(1)) if each.detail == detail]
    assert len(shared) == gate.PARTNERS
    for each in shared:
        assert each.half == one.half
        assert each.audio.seconds == 30
        assert np.mean(each.audio.samples < 0) * 30 == pytest.approx(theirs)


def test_speakers_are_parted_by_their_names_alone_and_about_evenly() -> None:
    halves = [person(f"speaker {number}", 1).half for number in range(400)]
    assert halves == [person(f"speaker {number}", 1).half for number in range(400)]
    assert 160 < halves.count("tuning") < 240


def test_a_file_as_a_browser_records_it_comes_through_the_door() -> None:
    tone = Audio(np.sin(np.arange(SPEECH_RATE) / 20).astype(np.float32) / 4, SPEECH_RATE)
    for fmt in gate.FORMATS:
        heard = gate.received(tone, fmt)
        assert heard.seconds == pytest.approx(1, abs=0.15)
        assert np.abs(heard.samples).max() == pytest.approx(0.25, abs=0.1)


def test_a_marked_sample_is_found_by_the_detector() -> None:
    sample = read_aloud("The old harbour was quiet in the morning, and the boats lay still beside the wall.")
    assert len(engines.watermark().detect(gate._marked(sample, Random(1)))) >= 1
