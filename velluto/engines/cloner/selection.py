"""Which half phones of the speaker come nearest to a wanted trajectory and join well (Hunt and Black 1996)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from velluto.engines.cloner.alignment import Segment
from velluto.engines.cloner.analysis import Floats
from velluto.engines.cloner.phones import CLASSES, INDEX, PHONES, SILENCE, SUBSTITUTES
from velluto.engines.cloner.source import Source
from velluto.engines.cloner.voice import Units, Voice

_CEPSTRA = 24  # coefficients compared beside loudness
_POINTS = (0.1, 0.5, 0.9)  # where in a half phone they are compared
_CANDIDATES = 60  # kept per half phone
_SHORTEST = 2  # frames
_UNLIKE, _ALIKE = 1.0, 0.5  # cost of a neighbour of another class, of the same class
_FAR_SIDE = 0.35  # weight of the neighbour at the other end of the phone

# Weights of the costs, tuned on a few speakers (docs/benchmarks/speech.md).
_ENVELOPE, _CONTEXT, _LENGTH, _SUBSTITUTE, _VOICING, _PITCH = 1.5, 0.5, 0.3, 1.0, 1.0, 0.3
_JOIN, _JOIN_DISTANCE = 0.6, 0.4
_NEIGHBOURS = 8
_NEARNESS = 0.5  # cost at which a neighbour counts 1/e of the best one

_CLASS = np.array([sorted(set(CLASSES.values())).index(CLASSES[phone]) for phone in PHONES])


@dataclass(frozen=True, slots=True)
class Slot:
    """A half phone to be filled: its place in the source, the unit found for it (None: a pause, or none fits).

    `neighbours` are the units nearest to what is wanted, the best first, and `weights` (summing to 1) how near.
    """

    phone: int
    second: int
    start: int
    end: int
    before: int
    after: int
    unit: int | None = None
    neighbours: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Inventory:
    """Features of all units, in the scale in which distances are taken."""

    units: Units
    scale: Floats  # (1 + _CEPSTRA,)
    points: Floats  # (u, 3, 1 + _CEPSTRA)
    first: Floats  # (u, 1 + _CEPSTRA), the frame a unit starts with
    following: Floats  # the frame after its end
    length: np.ndarray  # (u,) frames
    voiced: Floats  # (u,) share of voiced frames
    pitch: Floats  # (u,) mean log pitch, nan where unvoiced

    @classmethod
    def of(cls, voice: Voice) -> _Inventory:
        units, width = voice.units, voice.statistics.width
        # Spreads enter by their square root: the small high coefficients count less than whitening would let them.
        scale = np.r_[0.5 / width[0], 1 / np.sqrt(np.maximum(width[1 : _CEPSTRA + 1], 1e-3) * width[1])]
        scaled = voice.cepstra[:, : _CEPSTRA + 1] * scale
        last = len(scaled) - 1
        length = units.end - units.start
        places = [np.clip(np.round(units.start + (length - 1) * point).astype(int), 0, last) for point in _POINTS]
        voiced = voice.pitch > 0
        logs = np.log(np.where(voiced, voice.pitch, 1.0))
        count = _sums(voiced, units)
        with np.errstate(invalid="ignore", divide="ignore"):
            pitch = _sums(logs, units) / count
        return cls(
            units,
            scale,
            np.stack([scaled[place] for place in places], 1),
            scaled[units.start],
            scaled[np.minimum(units.end, last)],
            length,
            count / np.maximum(length, 1),
            pitch,
        )


def _sums(values: np.ndarray, units: Units) -> Floats:
    running = np.r_[0.0, np.cumsum(values, dtype=np.float64)]
    return np.asarray(running[units.end] - running[units.start])


def slots(segments: tuple[Segment, ...]) -> list[Slot]:
    """Return the half phones of `segments`, unfilled."""
    found = []
    for place, segment in enumerate(segments):
        before = INDEX[segments[place - 1].phone] if place else INDEX[SILENCE]
        after = INDEX[segments[place + 1].phone] if place + 1 < len(segments) else INDEX[SILENCE]
        end = max(segment.end, segment.start + 2)
        middle = (segment.start + end) // 2
        phone = INDEX[segment.phone]
        found.append(Slot(phone, 0, segment.start, middle, before, after))
        found.append(Slot(phone, 1, middle, end, before, after))
    return found


def choose(source: Source, wanted: Floats, pitch: Floats, voice: Voice, rate: float) -> list[Slot]:
    """Return the source's half phones filled with the speaker's units.

    `wanted` (n, ORDER) is the trajectory to come near to, `pitch` (n,) the wanted pitch in Hz; `rate` is the speaker's
    duration over the source's. The cheapest path is found by dynamic programming over target and join costs.
    """
    inventory = _Inventory.of(voice)
    goal = wanted[:, : _CEPSTRA + 1] * inventory.scale
    unfilled = slots(source.segments)
    filled = list(unfilled)
    start = 0
    while start < len(unfilled):
        stretch: list[tuple[np.ndarray, Floats]] = []
        while start + len(stretch) < len(unfilled):
            found = _candidates(unfilled[start + len(stretch)], source, goal, pitch, inventory, rate)
            if found is None:
                break
            stretch.append(found)
        for place, unit in enumerate(_cheapest(stretch, inventory)):
            filled[start + place] = _filled(unfilled[start + place], unit, *stretch[place])
        start += len(stretch) + 1
    return filled


def _filled(slot: Slot, unit: int, pool: np.ndarray, costs: Floats) -> Slot:
    nearness = np.exp((costs[0] - costs[:_NEIGHBOURS]) / _NEARNESS)
    return replace(
        slot,
        unit=unit,
        neighbours=tuple(pool[:_NEIGHBOURS].tolist()),
        weights=tuple((nearness / nearness.sum()).tolist()),
    )


def _candidates(
    slot: Slot, source: Source, goal: Floats, pitch: Floats, inventory: _Inventory, rate: float
) -> tuple[np.ndarray, Floats] | None:
    """Return the best units for a slot and their target costs, best first; None where there is none."""
    if slot.phone == INDEX[SILENCE]:
        return None
    units = inventory.units
    same = units.phone == slot.phone
    others = [INDEX[phone] for phone in SUBSTITUTES[PHONES[slot.phone]]]
    fits = (same | np.isin(units.phone, others)) & (units.second == slot.second) & (inventory.length >= _SHORTEST)
    pool = np.flatnonzero(fits)
    if not len(pool):
        return None
    last = len(goal) - 1
    span = slot.end - 1 - slot.start
    points = np.stack([goal[min(max(round(slot.start + span * point), 0), last)] for point in _POINTS])
    envelope = np.sqrt(((inventory.points[pool] - points) ** 2).mean((1, 2)))
    left, right = _mismatch(units.before[pool], slot.before), _mismatch(units.after[pool], slot.after)
    context = (_FAR_SIDE * left + right) if slot.second else (left + _FAR_SIDE * right)
    length = np.abs(np.log(inventory.length[pool] / ((slot.end - slot.start) * rate)))
    voiced = float((source.pitch[slot.start : slot.end] > 0).mean()) if slot.start <= last else 0.0
    height = np.abs(inventory.pitch[pool] - np.log(pitch[min((slot.start + slot.end) // 2, last)]))
    cost = (
        _ENVELOPE * envelope
        + _CONTEXT * context
        + _LENGTH * length
        + _SUBSTITUTE * ~same[pool]
        + _VOICING * np.abs(inventory.voiced[pool] - voiced)
        + _PITCH * np.nan_to_num(np.minimum(height / 0.2, 2))
    )
    order = np.argsort(cost, kind="stable")[:_CANDIDATES]
    return pool[order], cost[order]


def _mismatch(phones: np.ndarray, wanted: int) -> Floats:
    return np.where(phones == wanted, 0.0, np.where(_CLASS[phones] == _CLASS[wanted], _ALIKE, _UNLIKE))


def _cheapest(stretch: list[tuple[np.ndarray, Floats]], inventory: _Inventory) -> list[int]:
    """Return one unit per slot of a stretch without pauses: the path of least target and join cost (Viterbi)."""
    if not stretch:
        return []
    total = stretch[0][1]
    back: list[np.ndarray] = []
    for (previous, _), (current, cost) in pairwise(stretch):
        step = total[:, None] + _joins(previous, current, inventory)
        origin = step.argmin(0)
        back.append(origin)
        total = step[origin, np.arange(len(current))] + cost
    best = int(total.argmin())
    path = [best]
    for origin in reversed(back):
        path.append(int(origin[path[-1]]))
    return [int(pool[choice]) for (pool, _), choice in zip(stretch, reversed(path), strict=True)]


def _joins(previous: np.ndarray, current: np.ndarray, inventory: _Inventory) -> Floats:
    """Return the costs (a, b) of following unit a by unit b; nothing where they were spoken one after the other."""
    gap = inventory.following[previous][:, None] - inventory.first[current][None]
    costs = _JOIN + _JOIN_DISTANCE * np.sqrt((gap**2).mean(-1))
    utterance = inventory.units.utterance
    natural = (current[None] == previous[:, None] + 1) & (utterance[previous][:, None] == utterance[current][None])
    return np.where(natural, 0.0, costs)
