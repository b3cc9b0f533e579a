"""Finding a mark in the values that `read` gives: fold by the period, align by the sync signs, decode, check."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velluto.engines.patchwork import code
from velluto.engines.patchwork.pattern import CHIPS, SYNC_CHIPS, Pattern
from velluto.engines.patchwork.tiles import CHIP_FRAMES, COLUMNS, PERIOD, ROWS, Floats

CANDIDATES = 4  # alignments decoded in a stretch of sound
SYNC_LEAST = 2.0  # standard deviations; a mark that can be decoded stands at 3.5 or more
NEIGHBOURHOOD = 2  # frames: alignments this close are one candidate


@dataclass(frozen=True, slots=True)
class Sighting:
    """A payload read somewhere: `origin` is a frame at which its period begins, `strength` the correlation 0..1."""

    payload: int
    origin: int
    strength: float


def fold(values: Floats) -> Floats:
    """Return the sum of all periods in `values` (frames, ROWS), shape (PERIOD, ROWS)."""
    periods = -(-len(values) // PERIOD)
    whole = np.zeros((periods * PERIOD, ROWS), np.float32)
    whole[: len(values)] = values
    return whole.reshape(periods, PERIOD, ROWS).sum(axis=0)


def alignment(pattern: Pattern, folded: Floats) -> Floats:
    """Return how well the sync signs fit, in standard deviations, if the mark begins at each frame of the period."""
    by_phase = folded.reshape(COLUMNS, CHIP_FRAMES, ROWS).transpose(0, 2, 1).reshape(CHIPS, CHIP_FRAMES)
    scores = pattern.shifted @ by_phase
    deviation = np.sqrt((by_phase**2).mean(axis=0) * SYNC_CHIPS) + 1e-9
    return (scores / deviation).reshape(PERIOD)


def best_alignments(scores: Floats, count: int, least: float) -> list[int]:
    """Return up to `count` frames with the best scores of at least `least`, none within another's neighbourhood."""
    scores = scores.copy()
    chosen = []
    for _ in range(count):
        frame = int(np.argmax(scores))
        if scores[frame] < least:
            break
        chosen.append(frame)
        scores[np.arange(frame - NEIGHBOURHOOD, frame + NEIGHBOURHOOD + 1) % PERIOD] = -np.inf
    return chosen


def chips_from(folded: Floats, origin: int) -> Floats:
    """Return the 540 soft values of the period that begins at frame `origin`."""
    return np.roll(folded, -origin, axis=0)[::CHIP_FRAMES].reshape(CHIPS)


def strength(chips: Floats, expected: Floats) -> float:
    """Return the correlation of soft values with the signs expected, -1..1."""
    return float(chips @ expected.ravel() / np.sqrt(CHIPS * (chips @ chips) + 1e-12))


def read(pattern: Pattern, values: Floats, least: float, least_sync: float = SYNC_LEAST) -> list[Sighting]:
    """Return the payloads with a right checksum and a strength of at least `least` in `values`, strongest first."""
    folded = fold(values)
    origins = best_alignments(alignment(pattern, folded), CANDIDATES, least_sync)
    if not origins:
        return []
    chips = np.stack([chips_from(folded, origin) for origin in origins])
    found: dict[int, Sighting] = {}
    for origin, heard, words in zip(
        origins, chips, code.decode(chips[:, pattern.coded] * pattern.scramble), strict=True
    ):
        for word in words:
            payload = pattern.payload(word)
            if payload is None:
                continue
            sighting = Sighting(payload, origin, strength(heard, pattern.chips(payload)))
            known = found.get(payload)
            if sighting.strength >= least and (known is None or sighting.strength > known.strength):
                found[payload] = sighting
    return sorted(found.values(), key=lambda sighting: -sighting.strength)
