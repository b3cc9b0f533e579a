import numpy as np
import pytest

from tests.engines.voices import join, noise, pause, read_aloud
from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.engines.base import Embedding, SpeechSpan
from velluto.engines.one_speaker import least_similarity
from velluto.engines.resemblyzer import ResemblyzerEncoder
from velluto.engines.silero import SileroActivity

LINES = (
    "The old harbour was quiet in the morning, and the boats lay still beside the stone wall.",
    "Seven yellow lanterns hung above the market square, where nobody had yet opened a shop.",
    "A baker carried warm bread across the bridge and whistled a song that his mother knew.",
    "Before the bell rang twice, the whole street smelled of coffee, rain and fresh paint.",
)


class LoudnessEncoder:
    """An encoder that knows voices by their level alone, so that a test can say who speaks when."""

    name, version = "loudness", "1"

    def embed(self, audio: Audio) -> Embedding:
        angle = float(np.abs(audio.samples).mean())
        return Embedding(np.array([np.cos(angle), np.sin(angle)], np.float32), self.name, self.version)


def spoken_at(*levels: float) -> Audio:
    return join(*(Audio(np.full(6 * SPEECH_RATE, level, np.float32), SPEECH_RATE) for level in levels))


def similarity(audio: Audio) -> float:
    return least_similarity(audio, [SpeechSpan(0, audio.seconds)], LoudnessEncoder())


@pytest.mark.parametrize("turns", [(0, 0, 0, 1, 1), (0, 1, 0, 1, 0), (0, 0, 0, 0, 1)])
def test_two_speakers_are_noticed_whoever_speaks_when(turns: tuple[int, ...]) -> None:
    assert similarity(spoken_at(*turns)) < 0.75


def test_one_speaker_is_alike_throughout() -> None:
    assert similarity(spoken_at(1, 1, 1, 1)) == pytest.approx(1)


def test_a_single_odd_moment_makes_no_second_speaker() -> None:
    cough = join(spoken_at(0, 0, 0), Audio(np.ones(SPEECH_RATE // 2, np.float32), SPEECH_RATE))
    assert similarity(cough) > 0.95


def test_pauses_are_not_listened_to() -> None:
    audio = join(spoken_at(1, 1, 1), noise(9, -10), spoken_at(1, 1, 1))
    spans = [SpeechSpan(0, 18), SpeechSpan(27, 45)]
    assert least_similarity(audio, spans, LoudnessEncoder()) == pytest.approx(1)


def test_what_is_too_short_to_part_counts_as_one_voice() -> None:
    assert similarity(spoken_at(0).cut(0, 2)) == 1
    assert similarity(pause(0)) == 1


def test_two_made_up_voices_in_one_recording_are_told_from_one() -> None:
    encoder, detector = ResemblyzerEncoder(), SileroActivity()
    alone = join(*(read_aloud(line, "en-us+f2") for line in LINES[:3]))
    shared = join(*(read_aloud(line, voice) for line, voice in zip(LINES, ["en-us+f2", "en-us+m3"] * 2, strict=True)))
    alike = least_similarity(alone, detector.speech(alone).spans, encoder)
    assert least_similarity(shared, detector.speech(shared).spans, encoder) < alike - 0.1
