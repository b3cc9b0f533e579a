"""The search for marks through a whole file: the file folded at once, then window by window, then at other speeds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from velluto.engines.patchwork import read, search, stretch
from velluto.engines.patchwork.locate import Placed, extent
from velluto.engines.patchwork.pattern import CHECK_BITS, Pattern
from velluto.engines.patchwork.search import Sighting
from velluto.engines.patchwork.tiles import CHIP_FRAMES, FRAMES_PER_SECOND, PERIOD, RATE, Floats

SHORTEST = 2 * RATE  # samples; less than this holds too few of the signs of a period
SILENCE = 1e-5  # peak
WINDOWS = (10.0, 5.0)  # seconds; each window overlaps the next by half
WINDOW_SYNC = 3.3  # standard deviations; lets less than one chance alignment through where SYNC_LEAST lets four
EXPLAINED = 0.6  # share of a window lying in marks already found, from which on it is not searched
LEAST_EXTENT = 8 * CHIP_FRAMES  # a mark in less than 0.4 s is none

# Words decoded from unmarked speech close their path one time in seven, and then correlate with what was heard by
# .392 on average with a standard deviation of .011 (742 words; the largest .424). One in 65,536 of them passes the
# checksum.
CHANCE_CLOSED, CHANCE_MEAN, CHANCE_DEVIATION = 0.15, 0.392, 0.011
STRENGTH_LEAST = 0.42
SUREST = 0.9999  # no measurement of this kind supports a higher confidence


@dataclass(frozen=True, slots=True)
class Find:
    """A mark: what it says, from when to when in seconds, and how sure, 0..1."""

    payload: int
    start: float
    end: float
    confidence: float


def marks(pattern: Pattern, samples: Floats) -> list[Find]:
    """Return the marks in 8 kHz `samples`, most certain first."""
    if len(samples) < SHORTEST or np.abs(samples).max() < SILENCE:
        return []
    values = read.chip_values(read.levels(read.power(samples)))
    placed, decoded = _through(pattern, values)
    if not placed:
        placed = stretch.through(pattern, samples, STRENGTH_LEAST)
        decoded += stretch.DECODED
    finds = [Find(one.payload, one.start, one.end, min(SUREST, 1 - chance(one.strength, decoded))) for one in placed]
    return sorted(finds, key=lambda find: -find.confidence)


def chance(strength: float, decoded: int) -> float:
    """Return how many marks of at least `strength` chance makes of `decoded` words of unmarked sound, at most 1."""
    tail = 0.5 * math.erfc((strength - CHANCE_MEAN) / CHANCE_DEVIATION / math.sqrt(2))
    return min(1.0, decoded * CHANCE_CLOSED * tail / (1 << CHECK_BITS))


def _spans(length: int) -> Iterator[tuple[int, int, float]]:
    """Yield (first frame, last frame, least alignment) of every stretch to search, the whole first."""
    yield 0, length, search.SYNC_LEAST
    for seconds in WINDOWS:
        window = round(seconds * FRAMES_PER_SECOND)
        if length > 1.25 * window:
            for first in range(0, length - window // 2, window // 2):
                yield first, min(first + window, length), WINDOW_SYNC


def _through(pattern: Pattern, values: Floats) -> tuple[list[Placed], int]:
    explained = np.zeros(len(values), bool)
    found: list[Placed] = []
    decoded = 0
    for first, last, least_sync in _spans(len(values)):
        if explained[first:last].mean() > EXPLAINED:
            continue
        decoded += search.CANDIDATES
        for sighting in search.read(pattern, values[first:last], STRENGTH_LEAST, least_sync):
            here = Sighting(sighting.payload, sighting.origin + first, sighting.strength)
            start, end = extent(pattern, values, here)
            if end - start < LEAST_EXTENT:
                continue
            explained[start:end] = True
            found.append(Placed(here.payload, here.strength, start / FRAMES_PER_SECOND, end / FRAMES_PER_SECOND))
    return _joined(found), decoded


def _joined(found: list[Placed]) -> list[Placed]:
    """Merge what was read twice: stretches of one payload less than a period apart are one mark."""
    merged: list[Placed] = []
    for placed in sorted(found, key=lambda one: (one.payload, one.start)):
        last = merged[-1] if merged else None
        if last and last.payload == placed.payload and placed.start - last.end < PERIOD / FRAMES_PER_SECOND:
            strength, end = max(last.strength, placed.strength), max(last.end, placed.end)
            merged[-1] = Placed(last.payload, strength, last.start, end)
        else:
            merged.append(placed)
    return merged
