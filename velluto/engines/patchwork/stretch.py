"""Marks in sound that was played faster or slower, with its pitch (speed) or without (tempo), by up to 6 %.

The loudest seconds are read on planes stretched in steps fine enough for the sync signs to show; the best of them are
then decoded. Seconds outside that segment are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velluto.engines.patchwork import read, search
from velluto.engines.patchwork.locate import Placed, extent
from velluto.engines.patchwork.pattern import Pattern
from velluto.engines.patchwork.tiles import (
    BAND_BINS,
    BANDS,
    FIRST_BIN,
    FRAME,
    FRAMES_PER_SECOND,
    RATE,
    Floats,
    frame_count,
    padded,
    spectra,
)

SEGMENT = 6 * RATE  # samples
STEP = 0.005  # over six seconds a plane that is half a step off slips by a third of a chip
PACES = 1 + STEP * np.array([step for step in range(-12, 13) if step])
FINE_STEPS = np.arange(-2, 3) * STEP / 4
TRIED = 3  # planes decoded
PROMISING = 3.8  # standard deviations of the sync signs: about the best that chance does on all planes
DECODED = TRIED * search.CANDIDATES
SIZE = 2 * FRAME  # of the transform: bins interpolated to 31 Hz
# Edges of the bands on that finer grid, in bins.
EDGES = (FIRST_BIN - 0.5 + BAND_BINS * np.arange(BANDS + 1)) * (SIZE / FRAME)


@dataclass(frozen=True, slots=True)
class _Plane:
    """How well the sync signs show where the sound is taken to have run at `pace`, its pitch moved or not."""

    score: float
    pace: float
    pitched: bool


def through(pattern: Pattern, samples: Floats, least: float) -> list[Placed]:
    """Return the marks of at least `least` strength in the loudest seconds of 8 kHz `samples` at the likeliest pace."""
    first = _loudest(samples)
    sums = _band_sums(samples[first : first + SEGMENT])
    coarse = [_plane(pattern, sums, float(pace), pitched) for pace in PACES for pitched in (True, False)]
    for plane in sorted(coarse, key=lambda one: -one.score)[:TRIED]:
        fine = [_plane(pattern, sums, float(plane.pace + step), plane.pitched) for step in FINE_STEPS]
        best = max(fine, key=lambda one: one.score)
        if best.score < PROMISING:
            continue
        values = _values(sums, best.pace, best.pitched)
        found = []
        for sighting in search.read(pattern, values, least, PROMISING):
            start, end = (frame / FRAMES_PER_SECOND / best.pace for frame in extent(pattern, values, sighting))
            if end > start:
                found.append(Placed(sighting.payload, sighting.strength, first / RATE + start, first / RATE + end))
        if found:
            return found
    return []


def _loudest(samples: Floats) -> int:
    if len(samples) <= SEGMENT:
        return 0
    energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    return int(np.argmax(energy[SEGMENT:] - energy[:-SEGMENT]))


def _band_sums(samples: Floats) -> Floats:
    """Return running sums over frequency of the levels in dB, shape (frames, SIZE / 2 + 2)."""
    sound = padded(samples)
    bins = spectra(sound, 0, frame_count(len(sound)), SIZE)
    heard = read.compressed(bins.real**2 + bins.imag**2)
    return np.pad(np.cumsum(heard - heard.mean(), axis=1), ((0, 0), (1, 0)))


def _values(sums: Floats, pace: float, pitched: bool) -> Floats:
    """Return the chip values of the plane as it was before the sound was played `pace` times as fast."""
    edges = np.minimum((EDGES * pace if pitched else EDGES) + 0.5, sums.shape[1] - 1.01)
    below = edges.astype(int)
    share = (edges - below).astype(np.float32)
    at_edges = sums[:, below] * (1 - share) + sums[:, below + 1] * share
    bands = np.diff(at_edges, axis=1) / np.diff(edges).astype(np.float32)
    times = np.arange(int((len(bands) - 1) * pace)) / pace
    before = times.astype(int)
    after = (times - before)[:, None].astype(np.float32)
    return read.chip_values(bands[before] * (1 - after) + bands[before + 1] * after)


def _plane(pattern: Pattern, sums: Floats, pace: float, pitched: bool) -> _Plane:
    score = float(search.alignment(pattern, search.fold(_values(sums, pace, pitched))).max())
    return _Plane(score, pace, pitched)
