"""From recordings of unknown words to a voice: cut, analyse, align, cut into half phones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from velluto.audio.signal import Audio
from velluto.engines.base import TooLittleSpeech
from velluto.engines.cloner import psola
from velluto.engines.cloner.alignment import Aligner, Segment
from velluto.engines.cloner.analysis import FRAME, FRAMES_PER_SECOND, RATE, Floats, analyse, normalise
from velluto.engines.cloner.mapping import PhoneStatistics
from velluto.engines.cloner.phones import INDEX, SILENCE
from velluto.engines.cloner.source import label
from velluto.engines.cloner.splitting import utterances
from velluto.engines.cloner.voice import Units, Voice

LEAST_SPEECH = 10.0  # seconds of aligned speech below which no voice comes of it
_SHARE = 0.25  # of the units in the broad spectral shape, until it is calibrated

_Row = tuple[int, int, int, int, int, int, int]


def measure(samples: Sequence[Audio]) -> Voice:
    """Return the voice in `samples`, not yet calibrated; raise TooLittleSpeech."""
    pieces = [piece for sample in samples for piece in utterances(sample.at(RATE).samples.astype(np.float64))]
    aligner = Aligner()
    waveforms, pitches, cepstra, labels, rows = [], [], [], [], list[_Row]()
    offset = 0
    for number, piece in enumerate(pieces):
        if not np.any(piece):
            continue
        sound = normalise(piece)
        analysis = analyse(sound)
        frames = len(analysis.pitch)
        segments = aligner.align(sound)
        rows += _half_phones(segments, frames, offset, number)
        waveforms.append(np.pad(sound, (0, max(0, frames * FRAME - len(sound))))[: frames * FRAME])
        pitches.append(analysis.pitch)
        cepstra.append(analysis.cepstra)
        labels.append(label(segments, frames))
        offset += frames
    units = Units(*np.array(rows, dtype=np.int32).reshape(-1, 7).T)
    spoken = int(sum((each != INDEX[SILENCE]).sum() for each in labels))
    if spoken < LEAST_SPEECH * FRAMES_PER_SECOND:
        raise TooLittleSpeech(
            f"Only {spoken / FRAMES_PER_SECOND:.0f} s of speech could be used; {LEAST_SPEECH:.0f} s are the least."
        )
    return _voice(
        np.concatenate(waveforms), np.concatenate(pitches), np.concatenate(cepstra), np.concatenate(labels), units
    )


def _voice(waveform: Floats, pitch: Floats, cepstra: Floats, labels: np.ndarray, units: Units) -> Voice:
    if not (pitch > 0).any():
        raise TooLittleSpeech("No voiced speech could be found.")
    return Voice(
        waveform=(np.clip(waveform, -1, 1) * 32767).astype("<i2"),
        pitch=pitch,
        cepstra=cepstra,
        labels=labels,
        marks=psola.mark(waveform, pitch),
        units=units,
        statistics=PhoneStatistics.of(cepstra, labels, trim=True),
        share=_SHARE,
    )


def _half_phones(segments: list[Segment], frames: int, offset: int, utterance: int) -> list[_Row]:
    """Return rows in the order of the fields of Units for the phones of one utterance."""
    rows: list[_Row] = []
    for place, segment in enumerate(segments):
        start, end = min(segment.start, frames - 1), min(segment.end, frames)
        if end - start < 2:
            continue
        before = INDEX[segments[place - 1].phone] if place else INDEX[SILENCE]
        after = INDEX[segments[place + 1].phone] if place + 1 < len(segments) else INDEX[SILENCE]
        middle = (start + end) // 2
        phone = INDEX[segment.phone]
        rows.append((phone, before, after, 0, start + offset, middle + offset, utterance))
        rows.append((phone, before, after, 1, middle + offset, end + offset, utterance))
    return rows
