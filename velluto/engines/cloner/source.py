"""What is to be said: eSpeak NG's reading of a text, analysed and labelled frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velluto.engines import espeak
from velluto.engines.cloner.alignment import Segment
from velluto.engines.cloner.analysis import FRAMES_PER_SECOND, RATE, Floats, analyse_clean, normalise
from velluto.engines.cloner.phones import INDEX, SILENCE, VOICED, from_ipa

VOICE = "en-us"  # the reader whose statistics are the starting point of every map
WORDS_PER_MINUTE = 160
_VOICED = np.array(VOICED)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text as eSpeak reads it: `pitch` (n,), `cepstra` (n, ORDER), `labels` (n,) phone indices, and the segments."""

    pitch: Floats
    cepstra: Floats
    labels: np.ndarray
    segments: tuple[Segment, ...]

    @property
    def spoken(self) -> np.ndarray:
        """Which frames are not silence, shape (n,)."""
        return self.labels != INDEX[SILENCE]


def read(text: str, voice: str = VOICE) -> Source:
    """Return eSpeak's reading of `text`; raise NothingToSay or UnsupportedLanguage."""
    sound, phones = espeak.say_with_phones(text, voice, rate=WORDS_PER_MINUTE)
    samples = normalise(sound.at(RATE).samples.astype(np.float64))
    analysis = analyse_clean(samples, lambda frames: _VOICED[label(_segments(phones, frames), frames)])
    segments = _segments(phones, len(analysis.pitch))
    return Source(analysis.pitch, analysis.cepstra, label(segments, len(analysis.pitch)), segments)


def label(segments: tuple[Segment, ...] | list[Segment], frames: int) -> np.ndarray:
    """Return the phone index of each frame, shape (frames,); silence where no segment lies."""
    labels = np.full(frames, INDEX[SILENCE], dtype=np.int16)
    for segment in segments:
        labels[segment.start : segment.end] = INDEX[segment.phone]
    return labels


def _segments(phones: tuple[espeak.SpokenPhone, ...], frames: int) -> tuple[Segment, ...]:
    """Turn IPA into phones; two phones of one symbol share its time, silences are joined, a lone mark lengthens."""
    found: list[Segment] = []
    for phone in phones:
        names = from_ipa(phone.ipa)
        start = round(phone.start * FRAMES_PER_SECOND)
        end = min(round(phone.end * FRAMES_PER_SECOND), frames)
        if not names and found:
            found[-1] = Segment(found[-1].phone, found[-1].start, max(end, found[-1].end))
        for place, name in enumerate(names):
            part = Segment(
                name,
                start + (end - start) * place // len(names),
                start + (end - start) * (place + 1) // len(names),
            )
            if name == SILENCE and found and found[-1].phone == SILENCE:
                found[-1] = Segment(SILENCE, found[-1].start, max(part.end, found[-1].end))
            elif part.end > part.start:
                found.append(part)
    return tuple(found)
