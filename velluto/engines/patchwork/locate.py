"""Where a mark that was read begins and ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velluto.engines.patchwork.pattern import Pattern
from velluto.engines.patchwork.search import Sighting
from velluto.engines.patchwork.tiles import CHIP_FRAMES, COLUMNS, ROWS, Floats


@dataclass(frozen=True, slots=True)
class Placed:
    """A payload, the correlation it was read with (0..1), and from when to when it was there, in seconds."""

    payload: int
    strength: float
    start: float
    end: float


def extent(pattern: Pattern, values: Floats, sighting: Sighting) -> tuple[int, int]:
    """Return the first frame of the mark and the one after its last: where "it is there" gains most evidence.

    Each column of chips adds its log likelihood ratio of "marked as strongly as sighted" to "not marked"; the stretch
    of the largest sum is the answer. Silence, where a mark cannot be, says little either way.
    """
    starts = np.arange(sighting.origin % CHIP_FRAMES, len(values), CHIP_FRAMES)
    columns = (starts - sighting.origin) // CHIP_FRAMES % COLUMNS
    unit = values[starts] / (np.sqrt((values**2).mean()) + 1e-12)
    gain = sighting.strength
    energy = np.minimum((unit**2).mean(axis=1), 1.0)
    agreement = (unit * pattern.chips(sighting.payload)[columns]).sum(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(gain * agreement - 0.5 * gain**2 * ROWS * energy)])
    rise = sums - np.minimum.accumulate(sums)
    last = int(np.argmax(rise))
    first = int(np.argmin(sums[: last + 1]))
    if last == first:
        return 0, 0
    return int(starts[first]), min(int(starts[last - 1]) + CHIP_FRAMES, len(values))
