"""The search for marks through a whole file: the file folded at once, then window by window, then at other speeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from velluto.engines.patchwork import read, search
from velluto.engines.patchwork.locate import extent
from velluto.engines.patchwork.pattern import CHECK_BITS, Pattern
from velluto.engines.patchwork.search import Sighting
from velluto.engines.patchwork.tiles import FRAMES_PER_SECOND, PERIOD, RATE, Floats

SHORTEST = 2 * RATE  # samples; no mark was ever read from less
WINDOW = int(10 * FRAMES_PER_SECOND)
WINDOW_STEP = WINDOW // 2
WINDOW_CANDIDATES = 4
EXPLAINED = 0.6  # share of a window lying in marks already found, from which on it is not searched
STRENGTH_LEAST = 0.44


@dataclass(frozen=True, slots=True)
class Find:
    """A mark: what it says, from when to when in seconds, and how sure, 0..1."""

    payload: int
    start: float
    end: float
    confidence: float


def marks(pattern: Pattern, samples: Floats) -> list[Find]:
    """Return the marks in 8 kHz `samples`, most certain first."""
    if len(samples) < SHORTEST or not np.abs(samples).max() > 1e-5:
        return []
    powers = read.power(samples)
    values = read.chip_values(read.levels(powers))
    return sorted(_through(pattern, values), key=lambda find: -find.confidence)


def _windows(length: int) -> Iterator[tuple[int, int, int]]:
    yield 0, length, search.CANDIDATES
    if length > 1.5 * WINDOW:
        for first in range(0, length - WINDOW_STEP, WINDOW_STEP):
            yield first, min(first + WINDOW, length), WINDOW_CANDIDATES


def _through(pattern: Pattern, values: Floats) -> list[Find]:
    explained = np.zeros(len(values), bool)
    found: list[tuple[Sighting, int, int]] = []
    for first, last, candidates in _windows(len(values)):
        if explained[first:last].mean() > EXPLAINED:
            continue
        for sighting in search.read(pattern, values[first:last], STRENGTH_LEAST, candidates):
            placed = Sighting(sighting.payload, sighting.origin + first, sighting.strength)
            start, end = extent(pattern, values, placed)
            if end - start < PERIOD // 4:
                continue
            explained[start:end] = True
            found.append((placed, start, end))
    return _joined(found)


def _joined(found: list[tuple[Sighting, int, int]]) -> list[Find]:
    """Merge what was read twice: stretches of one payload less than a period apart are one mark."""
    merged: list[tuple[Sighting, int, int]] = []
    for sighting, start, end in sorted(found, key=lambda item: (item[0].payload, item[1])):
        if merged and merged[-1][0].payload == sighting.payload and start - merged[-1][2] < PERIOD:
            before, first, last = merged.pop()
            merged.append((max(before, sighting, key=lambda item: item.strength), first, max(last, end)))
        else:
            merged.append((sighting, start, end))
    return [
        Find(sighting.payload, start / FRAMES_PER_SECOND, end / FRAMES_PER_SECOND, 1 - 0.5**CHECK_BITS)
        for sighting, start, end in merged
    ]
