"""From a source and a voice to sound: map, choose units, mix, filter and lay the grains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter

from velluto.engines.cloner import mapping, psola, selection
from velluto.engines.cloner.analysis import FRAME, RATE, Floats, between, log_amplitude_basis
from velluto.engines.cloner.phones import INDEX, SILENCE, VOWELS
from velluto.engines.cloner.selection import Slot
from velluto.engines.cloner.source import Source
from velluto.engines.cloner.voice import Voice

# Tuned on a few speakers (docs/benchmarks/speech.md).
_OWN_LENGTH = 0.6  # share of the unit's own duration, geometric; the rest is the source's
_OWN_CONTOUR = 0.9  # share of the units' own pitch contour, the rest is the source's
_BROAD = 12  # cepstra below this carry the words and are mixed; those from it on are the unit's own
_WIDER = 0.6  # power of the correction of the overall spread
_MORPH = 4  # frames on each side of a join that are drawn together
_MOST_CHANGE = 2.0  # bound of a grain's filter, nepers
_WIDEST_PITCH = 0.22  # standard deviation of log pitch that a voice may have
_RATE = (0.85, 1.25)  # bounds of the speaker's durations over the source's
_QUIET_RUN = 30  # frames of the quietest stretch, which fills the pauses
_LOUDNESS, _PEAK = 0.08, 0.89  # effective value of the speech and highest peak, of full scale
_FADE = 0.008  # seconds


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """Per output frame (m,): where in source and voice (0 in a pause), which slot, and if it has a unit."""

    source: Floats
    unit: Floats
    slot: np.ndarray
    filled: np.ndarray


def render(source: Source, voice: Voice, reader: mapping.PhoneStatistics, pace: float = 1.0) -> Floats:
    """Return `source` spoken by `voice`, shape (n,), at RATE; `reader` describes eSpeak's voice."""
    wanted = mapping.towards(source, reader, voice.statistics)
    pitch = _speakers_pitch(source, voice)
    rate = _rate(source, voice)
    slots = selection.choose(source, wanted, pitch, voice, rate)
    plan = _plan(slots, voice, rate, pace)
    own = _joined(between(voice.cepstra, plan.unit), plan, slots)
    target = _mixed(between(wanted, plan.source), own, plan, slots, voice)
    positions = np.where(plan.filled, plan.unit, _pause_positions(voice, plan))
    change = (target - between(voice.cepstra, positions)) @ log_amplitude_basis()
    change[~plan.filled] = 0
    sound = psola.overlap_add(
        voice.waveform.astype(np.float64) / 32767,
        voice.marks,
        positions,
        _contour(between(pitch, plan.source), source, voice, plan),
        np.clip(change, -_MOST_CHANGE, _MOST_CHANGE),
    )
    return _levelled(sound, plan.filled)


def _speakers_pitch(source: Source, voice: Voice) -> Floats:
    """Return the source's pitch (n,) in the speaker's range, without gaps, in Hz."""
    mean, spread = _log_pitch(voice.pitch)
    voiced = source.pitch > 0
    if not voiced.any():
        return np.full(len(source.pitch), np.exp(mean))
    logs = np.log(source.pitch[voiced])
    contour = np.interp(np.arange(len(source.pitch)), np.flatnonzero(voiced), logs)
    standing = np.clip((contour - logs.mean()) / (logs.std() + 1e-6), -2.2, 2.2)
    return np.asarray(np.exp(standing * min(spread, _WIDEST_PITCH) + mean))


def _log_pitch(pitch: Floats) -> tuple[float, float]:
    logs = np.log(pitch[pitch > 0])
    near = logs[np.abs(logs - np.median(logs)) < 0.5]
    return float(near.mean()), float(near.std())


def _rate(source: Source, voice: Voice) -> float:
    """Return the speaker's vowel durations over the source's."""
    lengths = 2 * (voice.units.end - voice.units.start)
    ratios = []
    for segment in source.segments:
        if segment.phone in VOWELS:
            own = lengths[voice.units.phone == INDEX[segment.phone]]
            if len(own):
                ratios.append(own.mean() / max(1, segment.end - segment.start))
    return float(np.clip(np.mean(ratios), *_RATE)) if ratios else 1.0


def _plan(slots: list[Slot], voice: Voice, rate: float, pace: float) -> _Plan:
    source, unit, index = [], [], []
    for place, slot in enumerate(slots):
        length = slot.end - slot.start
        if slot.unit is None:
            count = max(1, round(length * (1 if slot.phone == INDEX[SILENCE] else rate) / pace))
            unit.append(np.full(count, np.nan))
        else:
            start, end = int(voice.units.start[slot.unit]), int(voice.units.end[slot.unit])
            own = float(end - start) ** _OWN_LENGTH * (length * rate) ** (1 - _OWN_LENGTH)
            count = max(2, round(own / pace))
            unit.append(np.linspace(start, end - 1, count))
        source.append(np.linspace(slot.start, slot.end - 1, count))
        index.append(np.full(count, place))
    positions = np.concatenate(unit)
    filled = ~np.isnan(positions)
    return _Plan(np.concatenate(source), np.where(filled, positions, 0), np.concatenate(index), filled)


def _joined(own: Floats, plan: _Plan, slots: list[Slot]) -> Floats:
    """Return the units' cepstra drawn together at each join of two units that were not spoken in a row."""
    smooth = own.copy()
    joins = np.flatnonzero((np.diff(plan.slot) > 0) & plan.filled[1:] & plan.filled[:-1])
    lengths = np.bincount(plan.slot, minlength=len(slots))
    for join in joins:
        here, there = plan.slot[join], plan.slot[join + 1]
        left, right = slots[here].unit, slots[there].unit
        reach = min(_MORPH, lengths[here] // 2, lengths[there] // 2)
        if reach < 1 or (left is not None and right == left + 1):
            continue
        ramp = (np.arange(1, reach + 1) / (reach + 1))[:, None]
        half = (smooth[join + 1] - smooth[join]) / 2
        smooth[join - reach + 1 : join + 1] += ramp * half
        smooth[join + 1 : join + 1 + reach] -= ramp[::-1] * half
    return smooth


def _mixed(mapped: Floats, own: Floats, plan: _Plan, slots: list[Slot], voice: Voice) -> Floats:
    """Return the wanted cepstra: broad shape mixed by the voice's share, detail from the unit.

    What the unit is mixed with is itself mixed, by the same share, from the map and the mean of the nearest units: that
    mean is the speaker's own, and a wrongly labelled recording hardly shows in it.
    """
    common = (1 - voice.share) * mapped + voice.share * _average(mapped, plan, slots, voice)
    share = gaussian_filter1d(np.where(plan.filled, voice.share, 0.0), 1.5) * plan.filled
    weight = np.repeat(share[:, None], mapped.shape[1], axis=1)
    weight[:, _BROAD:] = plan.filled[:, None]
    mixed = common * (1 - weight) + own * weight
    return mapping.with_width(mixed, plan.filled, voice.statistics.width, 1.0, 1.5, _WIDER)


def _average(mapped: Floats, plan: _Plan, slots: list[Slot], voice: Voice) -> Floats:
    """Return the weighted mean (m, ORDER) of each slot's nearest units, stretched to its length; the map in pauses."""
    average = mapped.copy()
    ends = np.cumsum(np.bincount(plan.slot, minlength=len(slots)))
    for slot, start, end in zip(slots, np.r_[0, ends[:-1]], ends, strict=True):
        if slot.unit is None:
            continue
        units = np.array(slot.neighbours)
        first, last = voice.units.start[units][:, None], voice.units.end[units][:, None] - 1
        places = np.rint(first + (last - first) * np.linspace(0, 1, end - start)).astype(int)
        average[start:end] = np.tensordot(np.array(slot.weights), voice.cepstra[places], 1)
    return average


def _contour(pitch: Floats, source: Source, voice: Voice, plan: _Plan) -> Floats:
    """Return the pitch (m,) to be laid, 0 where unvoiced: the units' own contour mixed with the wanted one."""
    frames = np.minimum(np.round(plan.unit).astype(int), len(voice.pitch) - 1)
    spoken = voice.pitch[frames]
    voiced = (spoken > 0) & plan.filled
    logs = np.log(pitch)
    if voiced.sum() > 10:
        own = np.interp(np.arange(len(logs)), np.flatnonzero(voiced), np.log(spoken[voiced]))
        own = gaussian_filter1d(own, 5)
        own += _log_pitch(voice.pitch)[0] - own.mean()
        logs = (1 - _OWN_CONTOUR) * logs + _OWN_CONTOUR * own
    steady = median_filter(voiced.astype(np.int8), 5) > 0
    return np.where(plan.filled & ~steady, 0.0, np.exp(logs))


def _pause_positions(voice: Voice, plan: _Plan) -> Floats:
    """Return positions that walk to and fro through the quietest stretch of the recordings, one per pause frame."""
    run = min(_QUIET_RUN, len(voice.cepstra))
    loudness = np.convolve(voice.cepstra[:, 0], np.ones(run) / run, "valid")
    first = int(np.argmin(loudness))
    step = np.cumsum(~plan.filled) % max(1, 2 * run - 2)
    return np.asarray(first + np.where(step < run, step, 2 * run - 2 - step), dtype=np.float64)


def _levelled(sound: Floats, filled: np.ndarray) -> Floats:
    """Return `sound` at a steady loudness, below full scale, faded in and out."""
    speech = sound[np.repeat(filled, FRAME)] if filled.any() else sound
    effective = float(np.sqrt(np.mean(speech**2))) + 1e-9
    peak = float(np.abs(sound).max()) + 1e-9
    levelled = sound * min(_LOUDNESS / effective, _PEAK / peak)
    fade = min(round(_FADE * RATE), len(levelled) // 2)
    ramp = np.linspace(0, 1, fade)
    levelled[:fade] *= ramp
    levelled[len(levelled) - fade :] *= ramp[::-1]
    return levelled
