"""The error-correcting code: 64 bits become 448 signs, and back from noisy values.

A tail-biting convolutional code of rate 1/7 and constraint length 15. Six generators are those that NASA flew on
Galileo; the seventh was found by exhaustive search for the largest free distance beside them (66). Tail-biting spends
no sign on driving the encoder back to zero. The circle is decoded by wrap-around Viterbi (Shao, Lin and Fossorier,
2003): one lap to forget the unknown start, one lap to decide, then the best closed paths are listed.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

INFORMATION_BITS = 64
GENERATORS = (0o46321, 0o51271, 0o63667, 0o70535, 0o73277, 0o76513, 0o43237)  # each has its first and last tap set
RATE = len(GENERATORS)
CODED_BITS = INFORMATION_BITS * RATE
MEMORY = 14
STATES = 1 << MEMORY
BATCH = 8  # words decoded together: about 20 MB of path metrics and decisions

Floats = NDArray[np.float32]


def _parity(values: NDArray[np.int64]) -> NDArray[np.int64]:
    for shift in (8, 4, 2, 1):
        values = values ^ (values >> shift)
    return values & 1


@cache
def _branches() -> tuple[Floats, NDArray[np.int64]]:
    """Return the signs of every branch, shape (RATE, 2**RATE), and which one leaves each of the lower states by a 0."""
    words = np.arange(1 << RATE)
    signs = np.stack([1 - 2 * ((words >> tap) & 1) for tap in range(RATE)]).astype(np.float32)
    registers = np.arange(STATES // 2) * 2
    branch = sum(_parity(registers & generator) << tap for tap, generator in enumerate(GENERATORS))
    return signs, np.asarray(branch, np.int64)


def encode(word: int) -> Floats:
    """Return the 448 signs (+1 for a coded 0, -1 for a 1) of a 64-bit `word`, its highest bit first."""
    register = word & (STATES - 1)
    signs: list[int] = []
    for place in range(INFORMATION_BITS - 1, -1, -1):
        register = ((register << 1) | ((word >> place) & 1)) & (2 * STATES - 1)
        signs.extend(1 - 2 * ((register & generator).bit_count() & 1) for generator in GENERATORS)
    return np.array(signs, np.float32)


def decode(values: Floats, keep: int = 16) -> list[list[int]]:
    """Return for each row of `values`, shape (n, 448), the most likely words, best first, out of `keep` final states.

    A value's sign is what was heard (positive: a coded 0), its size how well. Paths that do not close are left out,
    so a row may hold fewer than `keep` words, or none.
    """
    found: list[list[int]] = []
    for first in range(0, len(values), BATCH):
        found.extend(_decode_batch(values[first : first + BATCH], keep))
    return found


def _decode_batch(values: Floats, keep: int) -> list[list[int]]:
    signs, branch = _branches()
    count, half = len(values), STATES // 2
    gains = values.reshape(count, INFORMATION_BITS, RATE).astype(np.float32) @ signs
    metric = np.zeros((count, STATES), np.float32)
    decisions = np.empty((INFORMATION_BITS, count, half, 2), bool)
    arriving = np.empty((count, half, 2), np.float32)
    gain, stay, cross = (np.empty((count, half), np.float32) for _ in range(3))
    for lap in (0, 1):
        for step in range(INFORMATION_BITS):
            np.take(gains[:, step], branch, axis=1, out=gain, mode="clip")
            low, high = metric[:, :half], metric[:, half:]
            # All generators have both end taps, so the four branches between a pair of states differ in sign alone.
            for bit, (plus, minus) in enumerate(((np.add, np.subtract), (np.subtract, np.add))):
                plus(low, gain, out=stay)
                minus(high, gain, out=cross)
                np.maximum(stay, cross, out=arriving[:, :, bit])
                if lap:
                    np.greater(cross, stay, out=decisions[step, :, :, bit])
            metric, arriving = arriving.reshape(count, STATES), metric.reshape(count, half, 2)
    ends = np.argpartition(metric, -keep, axis=1)[:, -keep:]
    order = np.argsort(-np.take_along_axis(metric, ends, axis=1), axis=1)
    ends = np.take_along_axis(ends, order, axis=1)
    flat = decisions.reshape(INFORMATION_BITS, count, STATES)
    rows = np.arange(count)[:, None]
    state, words = ends, np.zeros(ends.shape, np.uint64)
    for step in range(INFORMATION_BITS - 1, -1, -1):
        words |= (state & 1).astype(np.uint64) << np.uint64(INFORMATION_BITS - 1 - step)
        state = (state >> 1) | (flat[step][rows, state].astype(np.int64) << (MEMORY - 1))
    closed = state == ends
    return [list(dict.fromkeys(int(word) for word in line[shut])) for line, shut in zip(words, closed, strict=True)]
