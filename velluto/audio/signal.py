"""The one shape in which sound travels through the house."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SPEECH_RATE = 16_000  # Hz; what recordings are kept at and engines listen to


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Mono sound: `samples` float32 of shape (n,), full scale -1..1, at `rate` Hz."""

    samples: NDArray[np.float32]
    rate: int

    def __post_init__(self) -> None:
        if self.samples.ndim != 1 or self.samples.dtype != np.float32:
            raise ValueError("samples must be one-dimensional float32")

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def at(self, rate: int) -> Audio:
        """Return this sound at another sample rate (soxr, high quality)."""
        if rate == self.rate:
            return self
        import soxr

        return Audio(soxr.resample(self.samples, self.rate, rate).astype(np.float32), rate)

    def cut(self, start: float, end: float) -> Audio:
        """Return the part from `start` to `end`, in seconds."""
        return Audio(self.samples[round(start * self.rate) : round(end * self.rate)], self.rate)
