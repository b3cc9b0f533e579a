import numpy as np
import pytest

from tests.engines.voices import read_aloud
from velluto.audio import measures
from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.engines.base import SpeechSpan

SPOKEN = (SpeechSpan(1, 3), SpeechSpan(4, 6))


def speech_like(seconds: float, level: float = -20.0, rate: int = SPEECH_RATE) -> Audio:
    """Return noise whose loudness rises and falls four times a second, as syllables do, at `level` dBFS."""
    values = np.random.default_rng(3).laplace(size=round(seconds * rate))
    values *= 1 + np.sin(2 * np.pi * 4 * np.arange(len(values)) / rate)
    return Audio((values / np.sqrt(np.mean(values**2)) * 10 ** (level / 20)).astype(np.float32), rate)


def in_a_room(noise_level: float, rate: int = SPEECH_RATE) -> Audio:
    """Return seven seconds with speech in SPOKEN over steady noise at `noise_level` dBFS."""
    room = np.random.default_rng(4).standard_normal(7 * rate) * 10 ** (noise_level / 20)
    speech = speech_like(2, rate=rate).samples
    for span in SPOKEN:
        room[round(span.start * rate) : round(span.end * rate)] += speech
    return Audio(room.astype(np.float32), rate)


@pytest.mark.parametrize("rate", [SPEECH_RATE, 48_000])
@pytest.mark.parametrize("wanted", [5, 10, 20, 40])
def test_signal_to_noise_is_what_was_mixed(wanted: float, rate: int) -> None:
    assert measures.signal_to_noise(in_a_room(-20 - wanted, rate), SPOKEN) == pytest.approx(wanted, abs=0.6)


def test_the_noise_floor_is_the_level_between_the_words() -> None:
    assert measures.noise_floor(in_a_room(-50), SPOKEN) == pytest.approx(-50, abs=0.5)


def test_one_slam_of_a_door_is_no_noise_floor() -> None:
    audio = in_a_room(-50)
    slammed = audio.samples.copy()
    slammed[3300 : 3300 + 1600] = 0.9
    assert measures.noise_floor(Audio(slammed, audio.rate), SPOKEN) == pytest.approx(-50, abs=0.5)


def test_without_pauses_the_quietest_moments_tell_the_noise_floor() -> None:
    audio = speech_like(4)
    floor = measures.noise_floor(audio, [SpeechSpan(0, 4)])
    assert floor < measures.level(audio) - 6


def test_noise_that_nobody_speaks_in_has_no_signal() -> None:
    assert measures.signal_to_noise(in_a_room(-30), ()) == 0


def test_speech_over_digital_silence_stands_far_above_it() -> None:
    audio = in_a_room(-200)
    assert measures.signal_to_noise(audio, SPOKEN) > 60
    assert measures.noise_floor(audio, SPOKEN) == measures.SILENCE


def test_the_level_of_a_full_scale_sine_is_three_decibels_down() -> None:
    sine = np.sin(2 * np.pi * 440 * np.arange(SPEECH_RATE) / SPEECH_RATE).astype(np.float32)
    assert measures.level(Audio(sine, SPEECH_RATE)) == pytest.approx(-3.01, abs=0.01)


def test_nothing_at_all_can_be_measured() -> None:
    nothing = Audio(np.zeros(0, np.float32), SPEECH_RATE)
    assert measures.level(nothing) == measures.SILENCE
    assert measures.noise_floor(nothing, ()) == measures.SILENCE
    assert measures.signal_to_noise(nothing, ()) == 0
    assert measures.clipped_share(nothing) == 0


def overdriven(decibels: float, rate: int = SPEECH_RATE) -> Audio:
    """Return a voice whose loudest peak is `decibels` over full scale, and cut off there."""
    spoken = read_aloud("The old harbour was quiet in the morning, and the boats lay still.").at(rate).samples
    loud = spoken / np.abs(spoken).max() * 10 ** (decibels / 20)
    return Audio(np.clip(loud, -1, 1).astype(np.float32), rate)


def test_a_recording_below_full_scale_is_hardly_ever_at_its_peak() -> None:
    assert measures.clipped_share(overdriven(-1)) < 0.003


@pytest.mark.parametrize("gain", [1.0, 0.3])
@pytest.mark.parametrize("rate", [SPEECH_RATE, 48_000])
def test_overdriven_sound_is_noticed_even_after_it_was_turned_down(rate: int, gain: float) -> None:
    audio = overdriven(12, rate)
    assert measures.clipped_share(Audio(audio.samples * np.float32(gain), rate)) > 0.01
