"""Plain measurements of a recording: how loud, how noisy, how often clipped. Pure numpy; no threshold lives here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from velluto.audio.signal import Audio
from velluto.engines.base import SpeechSpan

FRAME = 0.02  # seconds over which power is taken
EDGE = 0.1  # seconds beside speech that are neither counted as speech nor as pause: detectors round there
SHORTEST_PAUSE = 0.3  # seconds of pause in all that tell the noise floor; with less, the quietest frames must
QUIETEST_SHARE = 0.05  # of all frames, where there is no pause
SILENCE = -120.0  # dBFS; stands for digital silence, whose level has no logarithm
TOP = 0.8  # of the recording's own peak: resampling after clipping leaves ripples of a tenth or two
FLAT = 3 / 16_000  # seconds; the loudest peaks of an unclipped voice are narrower


def level(audio: Audio) -> float:
    """Return the root mean square of the sound in dBFS, where a full-scale square wave is 0."""
    return _decibels(_power(audio.samples))


def noise_floor(audio: Audio, spans: Sequence[SpeechSpan]) -> float:
    """Return the level of what is heard between the stretches of speech, in dBFS.

    The median of 20 ms frames: a door that slams once is no noise floor. Where somebody speaks all the time, the
    quietest twentieth of the frames stands in, which overestimates the floor.
    """
    power, pauses = _frames(audio), _pauses(audio, spans)
    if not len(power):
        return SILENCE
    if pauses.sum() * FRAME >= SHORTEST_PAUSE:
        return _decibels(float(np.median(power[pauses])))
    return _decibels(float(np.quantile(power, QUIETEST_SHARE)))


def signal_to_noise(audio: Audio, spans: Sequence[SpeechSpan]) -> float:
    """Return how far speech stands above the noise floor, in dB; 0 where nobody speaks.

    The power of active speech (its level as in ITU-T P.56: pauses do not count), less the noise it is mixed with, over
    the noise floor. Noise that is there only while somebody speaks goes unnoticed.
    """
    speech = np.concatenate([audio.cut(span.start, span.end).samples for span in spans] or [np.zeros(0, np.float32)])
    heard, noise = _power(speech), 10 ** (noise_floor(audio, spans) / 10)
    return max(0.0, _decibels(heard - noise) - _decibels(noise)) if heard > noise else 0.0


def clipped_share(audio: Audio) -> float:
    """Return the share of samples, 0..1, on flattened tops: 0.19 ms and more above 0.8 of the recording's peak.

    The peaks of speech that was never clipped are narrow and rare: it seldom reaches 0.002. Counting from the sound's
    own peak, and not only what is exactly level, also finds clipping that was turned down or resampled afterwards.
    """
    sizes = np.abs(audio.samples)
    peak = float(sizes.max(initial=0.0))
    if peak == 0:
        return 0.0
    at_top = np.concatenate([[False], sizes >= TOP * peak, [False]])
    edges = np.flatnonzero(at_top[1:] != at_top[:-1]).reshape(-1, 2)
    lengths = edges[:, 1] - edges[:, 0]
    return float(lengths[lengths >= FLAT * audio.rate].sum() / len(sizes))


def _frames(audio: Audio) -> NDArray[np.float64]:
    """Return the power of each whole 20 ms frame."""
    size = round(FRAME * audio.rate)
    whole = len(audio.samples) // size
    return np.mean(audio.samples[: whole * size].reshape(whole, size).astype(np.float64) ** 2, axis=1)


def _pauses(audio: Audio, spans: Sequence[SpeechSpan]) -> NDArray[np.bool_]:
    """Return for each frame whether it lies clear of all speech."""
    starts = np.arange(len(audio.samples) // round(FRAME * audio.rate)) * FRAME
    clear = np.ones(len(starts), bool)
    for span in spans:
        clear &= (starts + FRAME <= span.start - EDGE) | (starts >= span.end + EDGE)
    return clear


def _power(samples: NDArray[np.float32]) -> float:
    return float(np.mean(samples.astype(np.float64) ** 2)) if len(samples) else 0.0


def _decibels(power: float) -> float:
    return max(SILENCE, 10 * float(np.log10(power))) if power > 0 else SILENCE
