"""Made-up speakers for tests: eSpeak NG's voices over a faint room."""

from __future__ import annotations

from functools import cache

import numpy as np

from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.engines.espeak import say


@cache
def read_aloud(text: str, voice: str = "en-us+f2", rate: int = 150) -> Audio:
    """Return `text` read aloud at 16 kHz."""
    return say(text, voice, rate=rate).at(SPEECH_RATE)


def pause(seconds: float) -> Audio:
    """Return digital silence."""
    return Audio(np.zeros(round(seconds * SPEECH_RATE), np.float32), SPEECH_RATE)


def noise(seconds: float, level: float = -40.0) -> Audio:
    """Return white noise at `level` dBFS, always the same."""
    values = np.random.default_rng(7).standard_normal(round(seconds * SPEECH_RATE))
    return Audio((values * 10 ** (level / 20)).astype(np.float32), SPEECH_RATE)


def join(*parts: Audio) -> Audio:
    """Return the parts one after the other."""
    return Audio(np.concatenate([part.samples for part in parts]), SPEECH_RATE)


def mix(one: Audio, other: Audio) -> Audio:
    """Return both at once, as long as the first, which the second must not be shorter than."""
    return Audio(one.samples + other.samples[: len(one.samples)], SPEECH_RATE)
