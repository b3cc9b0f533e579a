"""Who said which phone when: PocketSphinx hears the words and aligns its own hypothesis, phone by phone.

The hypothesis is aligned as it was heard, with its pronunciations, fillers and silences: aligning the bare words once
more fails on about a fifth of all utterances and loses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from velluto.engines.cloner.analysis import FRAMES_PER_SECOND, Floats
from velluto.engines.cloner.phones import INDEX, SILENCE

_RECOGNISER_FRAMES_PER_SECOND = 100


@dataclass(frozen=True, slots=True)
class Segment:
    """One phone and the analysis frames it covers, `end` excluded."""

    phone: str
    start: int
    end: int


def pcm(samples: Floats) -> bytes:
    """Return `samples` as 16-bit little-endian PCM."""
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def hear(decoder: Any, samples: Floats) -> str:
    """Return what `decoder` heard in `samples` at 16 kHz; empty where it heard nothing."""
    _feed(decoder, pcm(samples))
    hypothesis = decoder.hyp()
    return hypothesis.hypstr if hypothesis else ""


class Aligner:
    """PocketSphinx with its English model; one per enrolment, for it adapts to the speaker it hears."""

    def __init__(self) -> None:
        import pocketsphinx

        self._decoder = pocketsphinx.Decoder(loglevel="FATAL", maxhmmpf=3000, maxwpf=15)

    def align(self, samples: Floats) -> list[Segment]:
        """Return the phones of one utterance, in order; empty where no word was heard."""
        sound = pcm(samples)
        self._decoder.activate_search()
        _feed(self._decoder, sound)
        if self._decoder.hyp() is None:
            return []
        try:
            self._decoder.set_alignment()
            _feed(self._decoder, sound)
            return list(self._segments())
        except RuntimeError:  # how PocketSphinx reports a hypothesis that the sound does not bear
            return []
        finally:
            self._decoder.activate_search()

    def _segments(self) -> Iterator[Segment]:
        scale = FRAMES_PER_SECOND // _RECOGNISER_FRAMES_PER_SECOND
        for word in self._decoder.get_alignment() or ():
            for phone in word:
                name = phone.name if phone.name in INDEX else SILENCE
                yield Segment(name, phone.start * scale, (phone.start + phone.duration) * scale)


def _feed(decoder: Any, sound: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(sound, full_utt=True)
    decoder.end_utt()
