"""A made-up speaker, of no real person, for the demo and the tests: eSpeak NG in a faintly noisy room."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import soundfile

from velluto.audio.signal import Audio
from velluto.engines import espeak

PAUSE = 0.25  # seconds before each text and at the end
ROOM = 1e-4  # the room's noise, full scale 1: no real microphone is digitally silent


@dataclass(frozen=True, slots=True)
class MadeUpSpeaker:
    """One of eSpeak NG's voice variants; `rate` in words per minute."""

    voice: str = "en-us+f2"
    rate: int = 150
    pitch: int = 50

    def read(self, *texts: str) -> Audio:
        """Return the texts read aloud one after the other."""
        said = [espeak.say(text, self.voice, rate=self.rate, pitch=self.pitch) for text in texts]
        rate = said[0].rate
        pause = np.zeros(round(PAUSE * rate), np.float32)
        sound = np.concatenate([part for audio in said for part in (pause, audio.samples)] + [pause])
        room = np.random.default_rng(1).normal(0, ROOM, len(sound)).astype(np.float32)
        return Audio(np.clip(sound * 0.7 + room, -1, 1), rate)


def wav(audio: Audio) -> io.BytesIO:
    """Return sound as a WAV file (16 bit), ready to be uploaded."""
    buffer = io.BytesIO()
    soundfile.write(buffer, audio.samples, audio.rate, format="WAV", subtype="PCM_16")
    buffer.seek(0)
    return buffer
