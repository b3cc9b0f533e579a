"""The speaker's own waveform, laid anew grain by grain (PSOLA: Moulines and Charpentier 1990), each grain filtered.

A grain is two pitch periods around a mark. Its spectrum is multiplied by wanted/own envelope, so excitation, phase and
breath stay the speaker's while the formants follow the wanted trajectory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velluto.engines.cloner.analysis import BINS, FRAME, RATE, Floats

_FFT = 2 * (BINS - 1)
_LEAD, _TAIL = 128, 128  # samples around a grain for the ringing of its filter


@dataclass(frozen=True, slots=True, eq=False)
class PitchMarks:
    """Where grains may be cut: `places` (m,) and `periods` (m,) in samples, `voiced` (m,)."""

    places: np.ndarray
    periods: Floats
    voiced: np.ndarray


def mark(samples: Floats, pitch: Floats) -> PitchMarks:
    """Return marks at the main peak of each period where voiced, every FRAME samples elsewhere."""
    upwards = np.mean(np.clip(samples, 0, None) ** 3) > np.mean(np.clip(-samples, 0, None) ** 3)
    signal = samples if upwards else -samples
    places: list[int] = []
    periods: list[float] = []
    voiced: list[bool] = []
    at, inside = float(FRAME), False
    while at < len(samples) - FRAME:
        frequency = pitch[min(int(at / FRAME + 0.5), len(pitch) - 1)]
        if frequency > 0:
            period = RATE / frequency
            reach = int(period * (0.15 if inside else 0.5))
            low = max(0, int(at) - reach)
            place = low + int(np.argmax(signal[low : int(at) + reach + 1]))
            if places and place <= places[-1]:
                place = int(at)
            at = place + period
        else:
            period, place = float(FRAME), int(at)
            at += FRAME
        inside = bool(frequency > 0)
        places.append(place)
        periods.append(period)
        voiced.append(inside)
    return PitchMarks(np.array(places, dtype=np.int32), np.array(periods), np.array(voiced, dtype=bool))


def overlap_add(samples: Floats, marks: PitchMarks, positions: Floats, pitch: Floats, change: Floats) -> Floats:
    """Return len(positions) frames of sound.

    For each output frame: `positions` (n,) is the frame of `samples` to take grains from, `pitch` (n,) the wanted pitch
    in Hz, `change` (n, BINS) the change of log amplitude.
    """
    length = len(positions) * FRAME
    frames, starts, chosen, halves = _schedule(marks, positions, pitch, length)
    reach = int(halves.max())
    offsets = np.arange(-reach, reach)
    half = halves[:, None]
    window = np.where(np.abs(offsets) <= half, 0.5 + 0.5 * np.cos(np.pi * offsets / half), 0.0)
    places = marks.places[chosen][:, None] + offsets
    inside = (places >= 0) & (places < len(samples))
    grains = np.where(inside, samples[np.clip(places, 0, len(samples) - 1)], 0.0) * window

    size = max(_FFT, 1 << int(np.ceil(np.log2(2 * reach + _LEAD + _TAIL))))
    padded = np.pad(grains, ((0, 0), (_LEAD, size - _LEAD - 2 * reach)))
    gain = np.exp(change[frames])
    if size != _FFT:
        gain = np.stack([np.interp(np.linspace(0, BINS - 1, size // 2 + 1), np.arange(BINS), row) for row in gain])
    filtered = np.fft.irfft(np.fft.rfft(padded, size) * gain, size)[:, : 2 * reach + _LEAD + _TAIL]

    margin = reach + _LEAD + size
    sound, weight = np.zeros(length + 2 * margin), np.zeros(length + 2 * margin)
    for grain, shape, start in zip(filtered, window, starts, strict=True):
        first = start - reach + margin
        sound[first - _LEAD : first - _LEAD + len(grain)] += grain
        weight[first : first + len(shape)] += shape
    return (sound / np.maximum(weight, 0.5))[margin : margin + length]


def _schedule(
    marks: PitchMarks, positions: Floats, pitch: Floats, length: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return for each grain: its output frame, its place in samples, the mark it comes from, half its length."""
    frames: list[int] = []
    places: list[int] = []
    chosen: list[int] = []
    halves: list[int] = []
    steps = np.diff(positions, append=positions[-1])
    at = 0.0
    while at < length:
        frame = min(int(at / FRAME), len(positions) - 1)
        wanted = positions[frame] * FRAME
        if 0 < steps[frame] < 3:  # within a unit, not across a join
            wanted += (at / FRAME - frame) * steps[frame] * FRAME
        index = _nearest(marks.places, wanted)
        period = float(marks.periods[index])
        step = RATE / pitch[frame] if pitch[frame] > 0 and marks.voiced[index] else period
        frames.append(frame)
        places.append(round(at))
        chosen.append(index)
        halves.append(round(min(period, max(step, 0.6 * period))))
        at += step
    return np.array(frames), np.array(places), np.array(chosen), np.array(halves)


def _nearest(places: np.ndarray, wanted: float) -> int:
    index = min(int(np.searchsorted(places, wanted)), len(places) - 1)
    if index > 0 and abs(places[index - 1] - wanted) < abs(places[index] - wanted):
        return index - 1
    return index
