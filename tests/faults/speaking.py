"""The whole house, with speech that costs nothing to make: a chord for each sentence, and all else as it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from velluto.audio.signal import Audio
from velluto.engines.base import VoiceArtefact
from velluto.settings import *  # noqa: F403
from velluto.settings import ENGINES

ENGINES = {**ENGINES, "speech": {"BACKEND": "tests.faults.speaking.Chords"}}
FREE_ALLOWANCE = 1_000_000


class Chords:
    """Say nothing, for two seconds, in a rough chord: enough for a watermark to hold on to."""

    name, version, rate = "chords", "1", 24_000
    languages = {"en": "English"}

    def enrol(self, samples: Sequence[Audio]) -> VoiceArtefact:
        return VoiceArtefact(b"a chord", self.name, self.version)

    def speak(self, voice: VoiceArtefact, text: str, *, language: str = "en", pace: float = 1.0) -> Audio:
        time = np.arange(2 * self.rate) / self.rate
        tone = sum(np.sin(2 * np.pi * 140 * n * time + n * n) / n for n in range(1, 25))
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * time)
        noise = np.random.default_rng(len(text)).normal(0, 0.02, len(time))
        return Audio((0.12 * tone * swell + noise).astype(np.float32), self.rate)
