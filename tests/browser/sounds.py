"""Sound for a fake microphone, made here: a reading voice, a room, a hum, a shout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from velluto.engines import espeak

RATE = 48_000
TEXT = "My voice is mine, and this is how it sounds. I read on, calmly, until there is enough of it."


@cache
def voice(text: str, name: str = "en-us+f2", peak: float = 0.4) -> np.ndarray:
    """Return `text` read by an eSpeak NG voice: mono at RATE, in -1..1."""
    spoken = espeak.say(text, name).at(RATE).samples.astype(np.float64)
    return peak * spoken / np.abs(spoken).max()


def quiet(seconds: float) -> np.ndarray:
    """Return a quiet room: noise at about -70 dBFS, for no real microphone is digitally silent."""
    return noise(seconds, level=0.0003)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE))


def noise(seconds: float, level: float = 0.05) -> np.ndarray:
    return np.random.default_rng(7).normal(0, level, int(seconds * RATE))


def hum(seconds: float, level: float = 0.004, hertz: int = 50) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    return level * (np.sin(2 * np.pi * hertz * time) + 0.5 * np.sin(4 * np.pi * hertz * time))


def over(*layers: np.ndarray) -> np.ndarray:
    """Mix layers; each is repeated to the length of the longest."""
    length = max(len(layer) for layer in layers)
    return sum(np.resize(layer, length) for layer in layers)


@cache
def reading(peak: float = 0.4) -> np.ndarray:
    """Return a quiet second, then half a minute of a voice, all in a quiet room."""
    return over(np.concatenate([quiet(1.3), np.tile(voice(TEXT, peak=peak), 5)]), quiet(1))


@cache
def only_checking() -> np.ndarray:
    """Return what the check wants to hear, and then nothing but the room."""
    return np.concatenate([quiet(1.3), voice(TEXT)[: 2 * RATE], quiet(60)])


def write(path: Path, samples: np.ndarray) -> Path:
    """Write 16-bit PCM, the one kind Chromium's fake microphone reads, clipping what is too loud."""
    soundfile.write(path, np.clip(samples, -1, 1), RATE, subtype="PCM_16", format="WAV")
    return path
