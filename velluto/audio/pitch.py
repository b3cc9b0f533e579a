"""Move the pitch of a recording as playing it faster or slower does: formants and pace move along."""

from __future__ import annotations

import numpy as np

from velluto.audio.signal import Audio


def moved(audio: Audio, semitones: float) -> Audio:
    """Return `audio` that many semitones higher (and shorter), or lower (and longer)."""
    if not semitones:
        return audio
    import soxr

    rate = audio.rate * 2 ** (semitones / 12)
    return Audio(soxr.resample(audio.samples, rate, audio.rate).astype(np.float32), audio.rate)
