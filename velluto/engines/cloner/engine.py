"""The built-in voice cloner: speaks as somebody from a minute of his or her speech, without a downloaded model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from velluto.audio.signal import Audio
from velluto.engines.base import ForeignArtefact, VoiceArtefact
from velluto.engines.cloner import analysis, reader, source
from velluto.engines.cloner.calibration import calibrate
from velluto.engines.cloner.enrolment import measure
from velluto.engines.cloner.languages import LANGUAGES, voice_for
from velluto.engines.cloner.rendering import render
from velluto.engines.cloner.text import readable
from velluto.engines.cloner.voice import Voice

PACE = (0.5, 2.0)


class ExemplarCloner:
    """eSpeak NG says what is to be said; the speaker's own recordings say how it sounds (docs/benchmarks/speech.md)."""

    name = "exemplar-cloner"
    version = "1"
    rate = analysis.RATE
    languages = LANGUAGES

    def enrol(self, samples: Sequence[Audio]) -> VoiceArtefact:
        """Make a voice from recordings of one speaker, words unknown; raise TooLittleSpeech.

        The artefact is a NumPy archive of about 9 MB a minute. It holds the waveform: keep it as a recording.
        """
        voice = calibrate(measure(samples), reader.statistics())
        return VoiceArtefact(voice.pack(), self.name, self.version)

    def speak(self, voice: VoiceArtefact, text: str, *, language: str = "en", pace: float = 1.0) -> Audio:
        """Say `text` as `voice` at `rate`; pace 0.5..2.0, 1.0 is the speaker's own.

        Raises ForeignArtefact, UnsupportedLanguage, ValueError for a pace out of range, and NothingToSay for a text
        without a letter or a digit.
        """
        if (voice.engine, voice.version) != (self.name, self.version):
            raise ForeignArtefact("This voice was made by another engine or version and must be enrolled anew.")
        if not PACE[0] <= pace <= PACE[1]:
            raise ValueError(f"pace must lie in {PACE[0]}..{PACE[1]}")
        reading = source.read(readable(text), voice_for(language))
        sound = render(reading, Voice.unpack(voice.data), reader.statistics(), pace)
        return Audio(sound.astype(np.float32), self.rate)
