"""Recordings to measure on: a folder with `manifest.csv` beside one folder per speaker.

The manifest's columns are speaker, file (relative to the folder), seconds, text (may be empty), source_and_licence.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from velluto.audio.signal import SPEECH_RATE, Audio


class CorpusMissing(Exception):
    """The folder holds no manifest.csv."""


@dataclass(frozen=True, slots=True)
class Utterance:
    speaker: str
    path: Path
    seconds: float
    text: str

    def audio(self, rate: int = SPEECH_RATE) -> Audio:
        """Read the recording as mono at `rate` Hz. Trusted files only: user uploads go through velluto.audio."""
        samples, native = soundfile.read(self.path, dtype="float32", always_2d=True)
        return Audio(np.ascontiguousarray(samples.mean(axis=1)), native).at(rate)


@dataclass(frozen=True, slots=True)
class Corpus:
    root: Path
    utterances: tuple[Utterance, ...]

    @classmethod
    def open(cls, root: Path) -> Corpus:
        manifest = root / "manifest.csv"
        if not manifest.is_file():
            raise CorpusMissing(
                f"{root} holds no manifest.csv: give --corpus a folder laid out as docs/benchmarks.md says."
            )
        with manifest.open(encoding="utf-8", newline="") as lines:
            rows = [
                Utterance(row["speaker"], root / row["file"], float(row["seconds"]), row.get("text") or "")
                for row in csv.DictReader(lines)
            ]
        return cls(root, tuple(rows))

    def speakers(self) -> dict[str, list[Utterance]]:
        """Return each speaker's utterances, in the manifest's order."""
        found: dict[str, list[Utterance]] = {}
        for utterance in self.utterances:
            found.setdefault(utterance.speaker, []).append(utterance)
        return found

    def __iter__(self) -> Iterator[Utterance]:
        return iter(self.utterances)
