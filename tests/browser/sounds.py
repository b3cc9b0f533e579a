"""Sound for a fake microphone, made here: a reading voice, a room, a hum, a shout."""

from __future__ import annotations

import ctypes
import threading
from functools import cache
from pathlib import Path

import espeakng_loader
import numpy as np
import soundfile

RATE = 48_000
_one_at_a_time = threading.Lock()
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_SYNCHRONOUS = 2
_UTF8 = 1

TEXT = "My voice is mine, and this is how it sounds. I read on, calmly, until there is enough of it."


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0x8000)
    return library, rate


@cache
def voice(text: str, name: str = "en-us+f2", peak: float = 0.4) -> np.ndarray:
    """Return `text` read by an eSpeak NG voice: mono at RATE, in -1..1."""
    with _one_at_a_time:
        library, rate = _library()
        library.espeak_SetVoiceByName(name.encode())
        pieces: list[np.ndarray] = []

        def collect(samples: object, count: int, _events: object) -> int:
            if samples and count > 0:
                pieces.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
            return 0

        callback = _Callback(collect)
        library.espeak_SetSynthCallback(callback)
        words = text.encode()
        library.espeak_Synth(words, ctypes.c_size_t(len(words) + 1), 0, 1, 0, _UTF8, None, None)
        library.espeak_Synchronize()
    spoken = np.concatenate(pieces).astype(np.float64)
    places = np.arange(0, len(spoken), rate / RATE)
    spoken = np.interp(places, np.arange(len(spoken)), spoken)
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
