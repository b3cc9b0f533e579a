"""Find all voiceprints that lie close to one, exactly and quickly. Pure: arrays in, rows out.

A search that reads 256 floats of each of a million voiceprints waits for the memory. So the voiceprints are turned onto
the axes along which they differ most, and the first HEAD of those are read first, with the length of the rest. By
Cauchy and Schwarz the rest of a product is at most the product of the two lengths: what cannot reach the threshold even
so is passed over, and nothing else is. Who is left is compared in full, in double precision.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

HEAD = 79  # axes read of every voiceprint; with 79 of 256, even vectors without any structure are told apart
SAMPLE = 20_000  # voiceprints from which the axes are found
CHUNK = 50_000
ROUNDING = 1e-4  # more than single precision can be wrong by, in a sum of some hundred products of unit vectors


class VoiceprintIndex:
    """Voiceprints of one engine and version, of length 1; rows count from 0."""

    def __init__(self, vectors: NDArray[np.float32] | Sequence[NDArray[np.float32]]) -> None:
        self._whole = _unit(np.asarray(vectors, dtype=np.float32))
        rows, width = self._whole.shape if self._whole.ndim == 2 else (0, 0)
        self._axes = _axes(self._whole, min(HEAD, width)) if rows else np.zeros((width, 0), np.float32)
        self._head = np.empty((rows, self._axes.shape[1] + 1), dtype=np.float32)
        for start in range(0, rows, CHUNK):
            self._head[start : start + CHUNK] = self._short(self._whole[start : start + CHUNK])

    def __len__(self) -> int:
        return len(self._head)

    @property
    def bytes(self) -> int:
        return self._whole.nbytes + self._head.nbytes

    def search(self, vector: NDArray[np.float32], *, least: float) -> list[tuple[int, float]]:
        """Return every row whose cosine with `vector` is at least `least`, and the cosine, the closest first."""
        if not len(self):
            return []
        asked = _unit(np.asarray(vector, dtype=np.float32)[None])
        most = self._head @ self._short(asked)[0]  # none of them can come closer than this
        rows = np.flatnonzero(most >= least - ROUNDING)
        cosines = _cosines(self._whole[rows], asked[0])
        found = [(int(row), float(cosine)) for row, cosine in zip(rows, cosines, strict=True) if cosine >= least]
        return sorted(found, key=lambda one: -one[1])

    def _short(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the vectors' parts along the axes, and the length of what is left of each."""
        parts = vectors @ self._axes
        left = np.sqrt(
            np.maximum(0.0, (vectors.astype(np.float64) ** 2).sum(1) - (parts.astype(np.float64) ** 2).sum(1))
        )
        return np.column_stack([parts, left]).astype(np.float32)


def brute_force(vectors: NDArray[np.float32], vector: NDArray[np.float32], *, least: float) -> list[tuple[int, float]]:
    """Return what `search` does, by comparing with every row in full."""
    found: list[tuple[int, float]] = []
    asked = _unit(np.asarray(vector, dtype=np.float32)[None])[0]
    for start in range(0, len(vectors), CHUNK):
        cosines = _cosines(_unit(vectors[start : start + CHUNK]), asked)
        found += [(start + int(row), float(cosines[row])) for row in np.flatnonzero(cosines >= least)]
    return sorted(found, key=lambda one: -one[1])


def _cosines(vectors: NDArray[np.float32], asked: NDArray[np.float32]) -> NDArray[np.float64]:
    # Row by row, so that a row's cosine is the same to the last bit whatever rows lie beside it.
    return np.einsum("ij,j->i", vectors.astype(np.float64), asked.astype(np.float64))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)) if vectors.ndim == 2 else np.zeros(0)
    if len(lengths) and np.all(np.abs(lengths - 1) < 1e-6):
        return vectors
    return (vectors / np.where(lengths == 0, 1, lengths)[:, None]).astype(np.float32) if len(lengths) else vectors


def _axes(vectors: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Return orthonormal axes, shape (width, count), along which the vectors are longest."""
    step = max(1, len(vectors) // SAMPLE)
    some = vectors[::step].astype(np.float64)
    _, axes = np.linalg.eigh(some.T @ some)
    return np.ascontiguousarray(axes[:, ::-1][:, :count], dtype=np.float32)
