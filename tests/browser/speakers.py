"""Who speaks into the fake microphone: a made-up speaker, or a real person of a corpus (docs/benchmarks/gate.md)."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Protocol

from consent.script import PASSAGES
from tests.factories import ALICE
from velluto import engines
from velluto.audio.signal import Audio
from velluto.benchmarks.corpus import Corpus
from velluto.benchmarks.gate import joined

SAMPLE = 45.0  # seconds of a real person's recordings


class Speaker(Protocol):
    def sample(self) -> Audio:
        """Return what is recorded first: half a minute or more."""
        ...

    def read(self, *texts: str) -> Audio:
        """Return the texts read aloud."""
        ...


class MadeUp:
    """Nobody: eSpeak NG reads everything."""

    def sample(self) -> Audio:
        return self.read(*PASSAGES[:3])

    def read(self, *texts: str) -> Audio:
        return ALICE.read(*texts)


class RealPerson:
    """A person's own recordings; what nobody recorded, the built-in cloner reads in that person's voice, unmarked.

    That such a clone comes through the gate is a weakness of every check by voice: docs/benchmarks/gate.md.
    """

    def __init__(self, corpus: Path, name: str) -> None:
        speakers = Corpus.open(corpus).speakers()
        longest = max(speakers, key=lambda each: sum(utterance.seconds for utterance in speakers[each]))
        self._speech = joined(speakers[name or longest])
        if self._speech.seconds < SAMPLE:
            raise ValueError(f"{name} has {self._speech.seconds:.0f} s of recordings; {SAMPLE:.0f} s are needed")
        self._voice = engines.speech().enrol([self.sample()])
        self.read("Ready.")  # what is loaded on first use

    def sample(self) -> Audio:
        return self._speech.cut(0, SAMPLE)

    def read(self, *texts: str) -> Audio:
        return engines.speech().speak(self._voice, " ".join(texts))


@cache
def speaker() -> Speaker:
    """Return whom the environment names; a speaker made up, where it names nobody."""
    corpus = os.environ.get("VELLUTO_TEST_CORPUS")
    return RealPerson(Path(corpus), os.environ.get("VELLUTO_TEST_SPEAKER", "")) if corpus else MadeUp()
