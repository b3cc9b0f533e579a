"""A recording of unknown words, cut into utterances at its pauses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from velluto.engines.cloner.analysis import RATE, Floats

_WINDOW = RATE // 50  # 20 ms
SHORTEST, LONGEST = 3.0, 12.0  # seconds of an utterance, where the pauses allow it
_PAUSE = 0.2  # seconds of quiet that count as a pause
_QUIET = 0.3  # share of the way from the noise floor to the speech level, in dB, below which it is quiet


def utterances(samples: Floats) -> list[Floats]:
    """Cut `samples` at RATE into pieces of about 3 to 12 s, in the middle of pauses where there are any."""
    count = len(samples) // _WINDOW
    if count < 2 * SHORTEST * RATE / _WINDOW:
        return [samples] if count else []
    windows = samples[: count * _WINDOW].reshape(count, _WINDOW)
    level = 10 * np.log10(np.mean(windows**2, axis=1) + 1e-10)
    floor, speech = np.percentile(level, (5, 90))
    quiet = level < floor + _QUIET * (speech - floor)
    cuts = [0]
    for start, end in _runs(quiet):
        middle = (start + end) // 2
        if end - start >= _PAUSE * RATE / _WINDOW and _seconds(middle - cuts[-1]) >= SHORTEST:
            _cut_long(cuts, level, middle)
            cuts.append(middle)
    _cut_long(cuts, level, count)
    edges = [cut * _WINDOW for cut in cuts] + [len(samples)]
    return [samples[start:end] for start, end in pairwise(edges) if end > start]


def _cut_long(cuts: list[int], level: Floats, end: int) -> None:
    """Add cuts at the quietest windows until no piece before `end` is longer than LONGEST."""
    while _seconds(end - cuts[-1]) > LONGEST:
        low = cuts[-1] + int(SHORTEST * RATE / _WINDOW)
        high = min(cuts[-1] + int(LONGEST * RATE / _WINDOW), end)
        cuts.append(low + int(np.argmin(level[low:high])))


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Return (start, end) of each run of true values."""
    edges = np.flatnonzero(np.diff(np.r_[False, flags, False].astype(int)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _seconds(windows: int) -> float:
    return windows * _WINDOW / RATE
