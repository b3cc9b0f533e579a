"""A map from eSpeak's voice to a speaker: one affine map of the mel-cepstra per phone, blended over the frames.

Means and spreads come from the speaker's own recordings, shrunk towards one global map where a phone was seldom heard.
The result is intelligible and already leans towards the speaker; the units add what an affine map cannot know.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from velluto.engines.cloner.analysis import Floats
from velluto.engines.cloner.phones import INDEX, PHONES, SILENCE
from velluto.engines.cloner.source import Source

_SEEN = 4  # frames below which a phone counts as unheard
_PRIOR = 40.0  # frames of evidence that the global map is worth
_TRIMMED = 25  # cepstra by which outlying frames (wrong labels) are found
_KEPT = 80  # percent of a phone's frames nearest to its median that make its mean
_BLEND = 2.0  # frames, standard deviation of the blending between neighbouring phones
_STRETCH = 1.6  # how far a phone's spread may differ from the global one
_OWN_SPREAD = 0.5  # share of a phone's own spread, the rest is global
_OWN_LEVEL = 0.5  # share of the mapped loudness contour, the rest is eSpeak's
_VARIANCE = (0.7, 1.6)  # bounds of the correction of the overall spread


@dataclass(frozen=True, slots=True, eq=False)
class PhoneStatistics:
    """Per phone: `count` (p,) of frames, `mean` and `spread` (p, ORDER) of the cepstra; over all: `centre`, `width`."""

    count: Floats
    mean: Floats
    spread: Floats
    centre: Floats
    width: Floats

    @classmethod
    def of(cls, cepstra: Floats, labels: np.ndarray, *, trim: bool) -> PhoneStatistics:
        """Measure labelled frames (n, ORDER); `trim` leaves out the fifth of each phone that is least like it."""
        count = np.zeros(len(PHONES))
        mean = np.zeros((len(PHONES), cepstra.shape[1]))
        spread = np.ones_like(mean)
        for phone in range(len(PHONES)):
            frames = cepstra[labels == phone]
            count[phone] = len(frames)
            if len(frames) < _SEEN:
                continue
            mean[phone] = (_typical(frames) if trim else frames).mean(0)
            spread[phone] = frames.std(0) + 1e-3
        spoken = cepstra[labels != INDEX[SILENCE]]
        return cls(count, mean, spread, spoken.mean(0), spoken.std(0))


def _typical(frames: Floats) -> Floats:
    if len(frames) <= 20:
        return frames
    low = frames[:, :_TRIMMED]
    distance = (((low - np.median(low, 0)) / (low.std(0) + 1e-3)) ** 2).mean(1)
    return frames[distance <= np.percentile(distance, _KEPT)]


def towards(source: Source, reader: PhoneStatistics, speaker: PhoneStatistics) -> Floats:
    """Return the source's cepstra (n, ORDER) moved from the reader's voice to the speaker's."""
    gain = speaker.width / reader.width
    known = reader.count[:, None] >= _SEEN
    seen = np.where(known[:, 0], speaker.count, 0)[:, None]
    expected = (reader.mean - reader.centre) * gain + speaker.centre
    target = (seen * speaker.mean + _PRIOR * expected) / (seen + _PRIOR)
    origin = np.where(known, reader.mean, reader.centre)
    ratio = np.clip(speaker.spread / np.maximum(reader.spread, 1e-3), 0.3, 3)
    scale = np.exp((seen * np.log(ratio) + 2 * _PRIOR * np.log(gain)) / (seen + 2 * _PRIOR))
    scale = gain * (np.clip(scale / gain, 1 / _STRETCH, _STRETCH)) ** _OWN_SPREAD

    weights = _posteriors(source.labels)
    mapped = weights @ target + (weights @ scale) * (source.cepstra - weights @ origin)
    mapped[:, 0] = source.cepstra[:, 0] + _OWN_LEVEL * (mapped[:, 0] - source.cepstra[:, 0])
    mapped = with_width(mapped, source.spoken, speaker.width, *_VARIANCE)
    silent = weights[:, INDEX[SILENCE]] > 0.5
    mapped[silent, 0] = np.minimum(mapped[silent, 0], source.cepstra[silent, 0])
    return mapped


def with_width(
    cepstra: Floats, spoken: np.ndarray, width: Floats, least: float, most: float, power: float = 1.0
) -> Floats:
    """Return `cepstra` with the spread of their spoken frames brought towards `width`; loudness stays as it is.

    Averaging flattens a voice; restoring the global variance undoes that (Toda et al. 2007).
    """
    if not spoken.any():
        return cepstra
    centre = cepstra[spoken].mean(0)
    factor = np.clip(width / (cepstra[spoken].std(0) + 1e-6), least, most) ** power
    factor[0] = 1
    return (cepstra - centre) * factor + centre


def _posteriors(labels: np.ndarray) -> Floats:
    """Return soft phone memberships (n, p) of frames, so that the map glides from phone to phone."""
    hard = np.zeros((len(labels), len(PHONES)))
    hard[np.arange(len(labels)), labels] = 1
    soft = gaussian_filter1d(hard, _BLEND, axis=0, mode="nearest")
    return np.asarray(soft / soft.sum(1, keepdims=True))
