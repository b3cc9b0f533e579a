"""Tell whether two recordings are one: the same sound, cut, quieter, or encoded again. Pure numpy; no threshold here.

Each frame becomes 32 bits: whether the energy between neighbouring bands rose or fell since the frame before
(J. Haitsma, T. Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR 2002). Encoders and gain change few;
when a person reads the same words again, half are others. Quiet frames are left out: silence resembles silence.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from velluto.audio.signal import Audio

VERSION = "1"
RATE = 8_000
FRAME = 1024  # samples, 128 ms
HOP = 128  # samples, 16 ms
BITS = 32
BANDS = np.geomspace(300, 3000, BITS + 2)  # Hz: what a telephone leaves
QUIET = 35.0  # dB below the loudest frame
LEAST = 1.5  # seconds of sound in common, below which two recordings are not compared
CHANCE = 0.5

WIDTH = BITS // 8 + 1

Fingerprint = NDArray[np.uint8]  # shape (frames, WIDTH): 32 bits, and 255 where the frame is loud enough to count
NONE: Fingerprint = np.zeros((0, WIDTH), np.uint8)


def fingerprint(audio: Audio) -> Fingerprint:
    """Return the fingerprint of a recording, a row for each 16 ms; 19 KB a minute."""
    samples = audio.at(RATE).samples
    if len(samples) < FRAME + HOP:
        return NONE
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP] * np.hanning(FRAME)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    edges = np.searchsorted(np.fft.rfftfreq(FRAME, 1 / RATE), BANDS)
    sums = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1)], axis=1)
    bands = np.log(np.maximum(sums[:, edges[1:]] - sums[:, edges[:-1]], 1e-12))
    across = bands[:, :-1] - bands[:, 1:]
    bits = np.packbits(across[1:] > across[:-1], axis=1)
    level = 10 * np.log10(power.sum(axis=1)[1:] + 1e-12)
    loud = (level > level.max() - QUIET).astype(np.uint8) * 255
    return np.column_stack([bits, loud])


def sameness(one: Fingerprint, other: Fingerprint, *, least: float = LEAST) -> float:
    """Return the share of equal bits where the two lie best on each other: 1.0 the same sound, about 0.55 by chance.

    At least `least` seconds of sound must be in common; where that cannot be, 0.5 is returned.
    """
    if not len(one) or not len(other):
        return CHANCE
    (mine, my_loud), (theirs, their_loud) = _signed(one), _signed(other)
    both = _correlated(my_loud[:, None], their_loud[:, None])
    enough = both >= least * RATE / HOP
    if not enough.any():
        return CHANCE
    agreed = _correlated(mine, theirs)[enough] / (BITS * both[enough])
    return float(agreed.max() / 2 + CHANCE)


def _signed(found: Fingerprint) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the bits as 1 and -1, 0 in quiet frames; and 1 for each frame that is not quiet."""
    loud = (found[:, -1] > 0).astype(np.float32)
    bits = np.unpackbits(np.ascontiguousarray(found[:, :-1]), axis=1).astype(np.float32) * 2 - 1
    return bits * loud[:, None], loud


def _correlated(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the sum of products at each shift of one against the other, over all columns."""
    size = 1 << (len(one) + len(other) - 1).bit_length()
    spectra = (np.fft.rfft(one, size, axis=0) * np.conj(np.fft.rfft(other, size, axis=0))).sum(axis=1)
    shifts = np.arange(1 - len(other), len(one))
    return np.asarray(np.fft.irfft(spectra, size)[shifts % size])
