"""A small convolutional network over the words of a script, in numpy: it knows orders of words that no list names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from velluto.engines.screener.concepts import Concepts
from velluto.engines.screener.normalise import Word

SIZE = 2**15
STEM = 5
LONGEST = 120  # words and marks that are looked at
PARTS = 8  # of a word
ROUGH = 127  # steps in which a weight of the table is kept

Floats = NDArray[np.float32]


def tokens(words: Sequence[Word], concepts: Concepts, ends: str = "") -> list[list[int]]:
    """Return for each word the rows of the table that make it up: itself, its stem, its parts, its ideas (twice)."""
    ideas: dict[int, list[str]] = defaultdict(list)
    for name, place in concepts.find(words):
        ideas[place].append(name)
    found = [[_row("begins")]]
    for place, word in enumerate(words[:LONGEST]):
        marked = f"_{word.text}_"
        parts = [marked[at : at + 4] for at in range(len(marked) - 3)][:PARTS]
        own = [marked, f"s{word.text[:STEM]}", *parts, *(f"c{name}" for name in ideas[place] * 2)]
        found.append([_row(name) for name in own])
    return [*found, [_row(f"ends {ends}")]]


def _row(name: str) -> int:
    return crc32(name.encode()) % SIZE


@dataclass(frozen=True, slots=True)
class Network:
    """The weights: a table of vectors, two convolutions (over three and five words), and what follows from them."""

    table: Floats  # SIZE x width
    near: Floats  # 3 x width x out
    near_bias: Floats
    far: Floats  # 5 x width x out
    far_bias: Floats
    last: Floats  # everything x labels
    last_bias: Floats

    @classmethod
    def load(cls, kept: Mapping[str, NDArray[np.generic]], number: int) -> Network:
        found = {field.name: kept[f"network_{number}_{field.name}"].astype(np.float32) for field in fields(cls)}
        found["table"] *= float(kept[f"network_{number}_step"])
        return cls(**found)

    def arrays(self, number: int) -> dict[str, NDArray[np.generic]]:
        """Return what is kept of it: the table in 255 steps, the rest in half precision."""
        step = np.float32(np.abs(self.table).max() / ROUGH)
        kept: dict[str, NDArray[np.generic]] = {
            f"network_{number}_{field.name}": getattr(self, field.name).astype(np.float16) for field in fields(self)
        }
        kept[f"network_{number}_table"] = np.round(self.table / step).astype(np.int8)
        kept[f"network_{number}_step"] = np.array(step)
        return kept

    def logits(self, rows: Sequence[Sequence[int]]) -> Floats:
        """Return how much speaks for each label (allowed first)."""
        vectors = np.stack([self.table[list(own)].mean(axis=0) for own in rows])
        seen = np.concatenate(
            [_convolved(vectors, self.near, self.near_bias), _convolved(vectors, self.far, self.far_bias)], axis=1
        )
        drawn = np.concatenate([seen.max(axis=0), seen.mean(axis=0), 3 * vectors.mean(axis=0)])
        return np.asarray(drawn @ self.last + self.last_bias, np.float32)


def _convolved(vectors: Floats, weights: Floats, bias: Floats) -> Floats:
    reach = len(weights) // 2
    padded = np.pad(vectors, ((reach, reach), (0, 0)))
    summed = sum(padded[at : at + len(vectors)] @ part for at, part in enumerate(weights))
    return np.asarray(np.maximum(summed + bias, 0), np.float32)
