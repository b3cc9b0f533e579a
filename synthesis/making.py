"""Make the finished file: speak, mark, encode, sign, and read the mark back. Runs in a worker; writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from synthesis import policies, refusals
from synthesis.script import Line
from velluto import engines
from velluto.audio import export, intake
from velluto.audio.signal import Audio
from velluto.engines.base import Mark, VoiceArtefact

LONGEST = 3600.0  # seconds that are read back: what is spoken slowly may be longer than an upload


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file and the marks that were read back from it."""

    content: bytes
    seconds: float
    mark: Mark
    signed: bool
    disclosed: bool


def speak(
    artefact: VoiceArtefact,
    script: list[Line],
    *,
    language: str,
    pace: float,
    disclosed: bool,
    tell: Callable[[int, int, str], None],
) -> tuple[Audio, bool]:
    """Speak the lines; put the audible disclosure in front where it is wanted or the sound is too short for a mark."""
    engine = engines.speech()
    parts: list[np.ndarray] = []
    for number, line in enumerate(script):
        tell(number, len(script) + 1, f"Speaking sentence {number + 1} of {len(script)}")
        parts.append(engine.speak(artefact, line.text, language=language, pace=pace).samples)
        if number < len(script) - 1:
            parts.append(_silence(line.pause, engine.rate))
    audio = Audio(np.concatenate(parts), engine.rate)
    if not disclosed and audio.seconds >= engines.watermark().shortest:
        return audio, False
    return disclose(artefact, audio), True


def disclose(artefact: VoiceArtefact, audio: Audio) -> Audio:
    """Put the audible disclosure in front of the sound."""
    engine = engines.speech()
    notice = engine.speak(artefact, policies.DISCLOSURE, language="en").samples
    pause = _silence(policies.PAUSE_AFTER_PARAGRAPH, engine.rate)
    return Audio(np.concatenate([notice, pause, audio.samples]), engine.rate)


def finish(
    artefact: VoiceArtefact,
    audio: Audio,
    *,
    disclosed: bool,
    payload: int,
    format: str,
    record_id: str,
    engine: str,
    at: datetime,
) -> Made:
    """Mark, encode and sign the sound; release it only if its mark is read back from the finished file.

    Sound that does not carry the mark gets the audible disclosure in front, once; then MarkNotRecoverable is raised.
    """
    provenance = engines.provenance()
    content = export.encode(engines.watermark().embed(audio, payload), format)
    signed = provenance.carries(format)
    if signed:
        content = provenance.sign(content, format, record_id=record_id, engine=engine, created_at=at)
    mark = read_back(content, payload)
    if mark:
        return Made(content, round(audio.seconds, 3), mark, signed, disclosed)
    if disclosed:
        raise refusals.MarkNotRecoverable()
    return finish(
        artefact,
        disclose(artefact, audio),
        disclosed=True,
        payload=payload,
        format=format,
        record_id=record_id,
        engine=engine,
        at=at,
    )


def read_back(content: bytes, payload: int) -> Mark | None:
    """Return the mark of this payload as anybody would find it in the finished file."""
    marks = engines.watermark().detect(intake.decode(content, longest=LONGEST, largest=len(content)))
    return next((mark for mark in marks if mark.payload == payload), None)


def _silence(seconds: float, rate: int) -> np.ndarray:
    return np.zeros(round(seconds * rate), np.float32)
