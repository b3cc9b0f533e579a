"""Writing the mark: the change that each tile's gain makes to the sound, and nothing else, is added to it."""

from __future__ import annotations

import numpy as np
from scipy import fft

from velluto.engines.patchwork.tiles import (
    BAND_BINS,
    BANDS,
    BINS,
    COLUMNS,
    FRAME,
    HOP,
    LEAD,
    TILE_FRAMES,
    WINDOW,
    Floats,
    frame_count,
    padded,
    spectra,
)

# dB up or down, from the lowest row of chips to the highest. PESQ hears the lowest three rows (312-1,437 Hz) alone.
STRENGTH = np.array([1.5, 1.5, 1.85, 2.2, 2.2, 2.2, 2.2, 2.2, 2.2], np.float32)
BLOCK = 4096  # frames changed at a time: bounds the memory, 16 s of sound
OVERLAP_GAIN = float((WINDOW**2).sum()) / HOP  # of analysis and synthesis windows together


def tile_gains(chips: Floats) -> Floats:
    """Return the gain in dB of each bin of one period, shape (PERIOD, BANDS * BAND_BINS)."""
    tiles = np.zeros((COLUMNS, 2, BANDS), np.float32)
    tiles[:, 0, 0::2] = chips * STRENGTH
    tiles[:, 0, 1::2] = -chips * STRENGTH
    tiles[:, 1] = -tiles[:, 0]
    return np.repeat(np.repeat(tiles.reshape(-1, BANDS), TILE_FRAMES, axis=0), BAND_BINS, axis=1)


def change(samples: Floats, chips: Floats) -> Floats:
    """Return what to add to 8 kHz `samples` so that they carry `chips`, shape (COLUMNS, ROWS), over and over."""
    sound = padded(samples)
    factors = 10 ** (tile_gains(chips) / 20) - 1
    total = frame_count(len(sound))
    result = np.zeros(len(sound) + FRAME, np.float32)
    parts = FRAME // HOP
    for first in range(0, total, BLOCK):
        count = min(BLOCK, total - first)
        bins = spectra(sound, first, count)
        moved = np.zeros_like(bins)
        moved[:, BINS] = bins[:, BINS] * factors[(first + np.arange(count)) % len(factors)]
        frames = fft.irfft(moved, FRAME, axis=1) * (WINDOW / OVERLAP_GAIN)
        added = np.zeros((count + parts - 1, HOP), np.float32)
        for part in range(parts):
            added[part : part + count] += frames[:, part * HOP : (part + 1) * HOP]
        start = first * HOP
        result[start : start + added.size] += added.ravel()
    return result[LEAD : LEAD + len(samples)]
