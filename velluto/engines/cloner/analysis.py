"""What a sound is made of: pitch and spectral envelope in frames of 5 ms (WORLD: Morise et al. 2016)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():  # pyworld asks for its own version through pkg_resources, which warns
    warnings.simplefilter("ignore")
    import pyworld

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RATE = 16_000  # Hz
FRAME = 80  # samples between frames: 5 ms
FRAMES_PER_SECOND = RATE // FRAME
ORDER = 60  # mel-cepstral coefficients of an envelope
BINS = 513  # bins of an envelope, 0 .. 8 kHz
LOWEST, HIGHEST = 60.0, 420.0  # Hz, pitch of speech

_FFT = 2 * (BINS - 1)
_PERIOD = 1000 * FRAME / RATE  # ms


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """`pitch` (n,) in Hz, 0 where unvoiced; `cepstra` (n, ORDER), mel-cepstra of the power envelope."""

    pitch: Floats
    cepstra: Floats


def analyse(samples: Floats) -> Analysis:
    """Return pitch (Harvest: slow and sure) and envelope (CheapTrick) of `samples`, shape (n,), at RATE."""
    signal = np.ascontiguousarray(samples, dtype=np.float64)
    pitch, times = pyworld.harvest(signal, RATE, frame_period=_PERIOD, f0_floor=LOWEST, f0_ceil=HIGHEST)
    return Analysis(pitch, _cepstra(signal, pitch, times))


def analyse_clean(samples: Floats, voiced: Callable[[int], Flags]) -> Analysis:
    """Return the same of synthetic speech, thirty times as fast (DIO and StoneMask).

    DIO misses voiced frames: `voiced(n)` says which of n frames are known to be, and their gaps are bridged.
    """
    signal = np.ascontiguousarray(samples, dtype=np.float64)
    rough, times = pyworld.dio(signal, RATE, frame_period=_PERIOD, f0_floor=LOWEST, f0_ceil=HIGHEST)
    pitch = pyworld.stonemask(signal, rough, times, RATE)
    found = np.flatnonzero(pitch > 0)
    if len(found):
        frames = np.arange(len(pitch))
        pitch = np.where(voiced(len(pitch)) & (pitch == 0), np.interp(frames, found, pitch[found]), pitch)
    return Analysis(pitch, _cepstra(signal, pitch, times))


def _cepstra(signal: Floats, pitch: Floats, times: Floats) -> Floats:
    envelope = pyworld.cheaptrick(signal, pitch, times, RATE, fft_size=_FFT)
    return np.asarray(pyworld.code_spectral_envelope(envelope, RATE, ORDER))


@cache
def log_amplitude_basis() -> Floats:
    """Return the matrix, shape (ORDER, BINS), that turns a difference of cepstra into a difference of log amplitudes.

    WORLD's decoder is linear in the cepstra before its exponential, so decoding unit vectors yields its matrix.
    """
    vectors = np.vstack([np.zeros(ORDER), np.eye(ORDER)])
    logs = np.log(pyworld.decode_spectral_envelope(vectors, RATE, _FFT)) / 2
    return np.asarray(logs[1:] - logs[0])


def normalise(samples: Floats, level: float = 0.06) -> Floats:
    """Return `samples` at an effective value of `level`, clipped to full scale."""
    effective = float(np.sqrt(np.mean(samples**2))) + 1e-9
    return np.clip(samples * (level / effective), -1, 1)


def between(values: Floats, positions: Floats) -> Floats:
    """Return `values` (n, ...) at fractional frame `positions` (m,), linearly interpolated and held at the ends."""
    low = np.clip(np.floor(positions).astype(int), 0, len(values) - 1)
    high = np.minimum(low + 1, len(values) - 1)
    share = np.clip(positions - low, 0, 1)
    if values.ndim > 1:
        share = share[:, None]
    return values[low] * (1 - share) + values[high] * share
