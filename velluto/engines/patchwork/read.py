"""Reading the plane: from sound to one soft value for each frame and row, were a chip to begin there."""

from __future__ import annotations

from functools import cache

import numpy as np

from velluto.engines.patchwork.tiles import (
    BAND_BINS,
    BANDS,
    BINS,
    ROWS,
    TILE_FRAMES,
    Floats,
    frame_count,
    padded,
    spectra,
)

BLOCK = 4096  # frames transformed at a time
FLOOR = 9.0  # the background noise, as a multiple of the power that each bin exceeds 85 % of the time
FAINT = 10**-4.5  # of the mean power: nothing below this is listened to
CELL_FRAMES = TILE_FRAMES // 2
LIMIT = 3.0  # medians; speech has larger jumps than a mark ever makes

# What to multiply the levels around a chip with, from its centre outwards: four cells of 12 ms in time by three bands
# in frequency. It is the least-squares answer w = (S + M)^-1 c, with S the covariance of such surroundings in natural
# and synthesised speech, M the same for the other chips of a mark, and c the chip itself: it predicts the speech from
# what lies around, and takes it away. The other three quarters follow by symmetry, with the signs of the
# checkerboard.
QUARTER = np.array([[1.00, -0.11, -0.14], [0.63, -0.19, -0.02], [-0.23, -0.05, 0.07], [0.03, 0.00, 0.00]], np.float32)


def power(samples: Floats) -> Floats:
    """Return the power of the mark's bins in each frame of 8 kHz `samples`, shape (frames, BANDS * BAND_BINS)."""
    sound = padded(samples)
    total = frame_count(len(sound))
    result = np.empty((total, BANDS * BAND_BINS), np.float32)
    for first in range(0, total, BLOCK):
        bins = spectra(sound, first, min(BLOCK, total - first))[:, BINS]
        result[first : first + len(bins)] = bins.real**2 + bins.imag**2
    return result


def compressed(powers: Floats) -> Floats:
    """Return bin powers in dB, shaped as `powers`, blind to what lies near the background noise.

    Where noise covers the speech it covers the mark too; the added floor makes such bins say little instead of
    anything.
    """
    mean = float(powers.mean()) + 1e-12
    sounding = powers.sum(axis=1) > 1e-9 * mean * powers.shape[1]
    floor = np.percentile(powers[sounding][::4], 15, axis=0) if sounding.sum() > 20 else np.zeros(powers.shape[1])
    return 10 * np.log10(powers + (FLOOR * floor + FAINT * mean).astype(np.float32))


def levels(powers: Floats) -> Floats:
    """Return the level of each band in dB, shape (frames, BANDS), from `power`."""
    return compressed(powers).reshape(len(powers), BANDS, BAND_BINS).mean(axis=2)


@cache
def _filters() -> Floats:
    """Return the weights of each band in each row's chip, cell after cell, shape (8, BANDS, ROWS)."""
    half = np.concatenate([QUARTER[:, ::-1], -QUARTER], axis=1)
    whole = np.concatenate([half[::-1], -half])
    filters = np.zeros((len(whole), BANDS, ROWS), np.float32)
    for row in range(ROWS):
        for place in range(whole.shape[1]):
            band = min(max(2 * row + place - 2, 0), BANDS - 1)
            filters[:, band, row] += whole[:, place]
    return filters


def chip_values(bands: Floats) -> Floats:
    """Return (frames, ROWS): how much a chip beginning at that frame looks like a +, in medians, within +-LIMIT."""
    count = len(bands)
    sums = np.concatenate([np.zeros((1, BANDS)), np.cumsum(bands - bands.mean(axis=0), axis=0, dtype=np.float64)])
    cells = ((sums[CELL_FRAMES:] - sums[:-CELL_FRAMES]) / CELL_FRAMES).astype(np.float32)
    cells = np.pad(cells, ((TILE_FRAMES, 3 * TILE_FRAMES), (0, 0)), "edge")
    values = np.zeros((count, ROWS), np.float32)
    for step, weights in enumerate(_filters()):
        values += cells[step * CELL_FRAMES : step * CELL_FRAMES + count] @ weights
    typical = float(np.median(np.abs(values[::3]))) + 1e-9
    return np.clip(values / typical, -LIMIT, LIMIT)
