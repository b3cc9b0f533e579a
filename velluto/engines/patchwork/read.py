"""Reading the plane: from sound to one soft value for each frame and row, were a chip to begin there."""

from __future__ import annotations

import numpy as np

from velluto.engines.patchwork.tiles import (
    BAND_BINS,
    BANDS,
    BINS,
    TILE_FRAMES,
    Floats,
    frame_count,
    padded,
    spectra,
)

BLOCK = 4096  # frames transformed at a time


def power(samples: Floats) -> Floats:
    """Return the power of the mark's bins in each frame of 8 kHz `samples`, shape (frames, BANDS * BAND_BINS)."""
    sound = padded(samples)
    total = frame_count(len(sound))
    result = np.empty((total, BANDS * BAND_BINS), np.float32)
    for first in range(0, total, BLOCK):
        bins = spectra(sound, first, min(BLOCK, total - first))[:, BINS]
        result[first : first + len(bins)] = bins.real**2 + bins.imag**2
    return result


def levels(powers: Floats) -> Floats:
    """Return the level of each band in dB, shape (frames, BANDS), blind to what lies near the background noise.

    Where noise covers the speech it covers the mark too; the added floor makes such tiles say little instead of anything.
    """
    mean = float(powers.mean()) + 1e-12
    sounding = powers.sum(axis=1) > 1e-9 * mean * powers.shape[1]
    floor = np.percentile(powers[sounding][::4], 15, axis=0) if sounding.sum() > 20 else 0.0
    bins = 10 * np.log10(powers + (12 * floor + mean * 10**-4.5).astype(np.float32))
    return bins.reshape(len(bins), BANDS, BAND_BINS).mean(axis=2)


def chip_values(bands: Floats) -> Floats:
    """Return (frames, ROWS): how much a chip beginning at that frame looks like a +, with the speech itself predicted away.

    A tile's level is told from the tiles before, behind, above and below it, which doubles the mark's share of what is left.
    """
    sums = np.concatenate([np.zeros((1, BANDS)), np.cumsum(bands - bands.mean(axis=0), axis=0, dtype=np.float64)])
    tiles = ((sums[TILE_FRAMES:] - sums[:-TILE_FRAMES]) / TILE_FRAMES).astype(np.float32)
    count = len(tiles)
    wide = np.pad(tiles, ((TILE_FRAMES, 2 * TILE_FRAMES), (0, 0)), "edge")
    rest = wide[TILE_FRAMES : count + 2 * TILE_FRAMES] - 0.5 * (wide[: count + TILE_FRAMES] + wide[2 * TILE_FRAMES :])
    tall = np.pad(rest, ((0, 0), (1, 1)), "edge")
    rest = np.clip(rest - 0.35 * (tall[:, :-2] + tall[:, 2:]), -9, 9)
    pairs = rest[:, 0::2] - rest[:, 1::2]
    return (pairs[:count] - pairs[TILE_FRAMES : TILE_FRAMES + count]) * 0.25
