"""A speaker as the cloner knows one, and the bytes he or she is kept in.

The bytes are a NumPy archive of plain arrays, read with `allow_pickle=False`. They hold the speaker's waveform: they
are a recording and must be kept as one.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, replace

import numpy as np

from velluto.engines.base import ForeignArtefact
from velluto.engines.cloner.analysis import Floats
from velluto.engines.cloner.mapping import PhoneStatistics
from velluto.engines.cloner.psola import PitchMarks

FORMAT = 1  # of the archive; another one is refused


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Half phones of the recordings, in order. All of shape (u,): phone, neighbours, which half, frames, utterance."""

    phone: np.ndarray
    before: np.ndarray
    after: np.ndarray
    second: np.ndarray  # 0: first half, 1: second half
    start: np.ndarray
    end: np.ndarray  # excluded
    utterance: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """A speaker: waveform (n * FRAME,) int16 at RATE with its analysis (n frames), marks, units and statistics.

    `share` (0..1) is how much of the broad spectral shape comes from the speaker's units; the rest is the map's.
    """

    waveform: np.ndarray
    pitch: Floats
    cepstra: Floats
    labels: np.ndarray
    marks: PitchMarks
    units: Units
    statistics: PhoneStatistics
    share: float

    def sharing(self, share: float) -> Voice:
        """Return this voice with another share."""
        return replace(self, share=share)

    def pack(self) -> bytes:
        """Return the voice as bytes."""
        arrays = {
            "format": np.array(FORMAT),
            "share": np.array(self.share),
            "waveform": self.waveform,
            "pitch": self.pitch.astype(np.float32),
            "cepstra": self.cepstra.astype(np.float32),
            "labels": self.labels,
        }
        for prefix, part, names in _PARTS:
            arrays |= {f"{prefix}.{name}": getattr(getattr(self, part), name) for name in names}
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    @classmethod
    def unpack(cls, data: bytes) -> Voice:
        """Return the voice in `data`; raise ForeignArtefact where they are no voice of this format."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as archive:
                if int(archive["format"]) != FORMAT:
                    raise ForeignArtefact("This voice was made by another version of the cloner.")
                parts = {prefix: {name: archive[f"{prefix}.{name}"] for name in names} for prefix, _, names in _PARTS}
                return cls(
                    waveform=archive["waveform"],
                    pitch=archive["pitch"].astype(np.float64),
                    cepstra=archive["cepstra"].astype(np.float64),
                    labels=archive["labels"],
                    marks=PitchMarks(**parts["marks"]),
                    units=Units(**parts["units"]),
                    statistics=PhoneStatistics(**parts["statistics"]),
                    share=float(archive["share"]),
                )
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise ForeignArtefact("These bytes are no voice of the built-in cloner.") from error


_PARTS = (
    ("marks", "marks", ("places", "periods", "voiced")),
    ("units", "units", ("phone", "before", "after", "second", "start", "end", "utterance")),
    ("statistics", "statistics", ("count", "mean", "spread", "centre", "width")),
)
