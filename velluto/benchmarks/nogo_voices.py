"""Whom an entry of the No-Go list holds by voice, and what a disguise does to that; docs/benchmarks/nogo_voices.md."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from moderation.policies import NOGO_VOICE
from moderation.services.nogo_voices import voiceprints_of
from velluto import engines
from velluto.audio.pitch import moved
from velluto.audio.signal import Audio
from velluto.benchmarks.corpus import Corpus, Utterance
from velluto.benchmarks.gate import joined
from velluto.benchmarks.rates import share, spread
from velluto.engines.base import TooLittleSpeech

SHORTEST = 2.0  # seconds of a recording that is compared
ENROLMENT = 20.0  # seconds of recordings that an entry is made from, or half of what there is
DISGUISED = 10.0  # seconds of speech whose pitch is moved
DISGUISES = 3  # of each person
SEMITONES = (-4, -3, -2, -1, 1, 2, 3, 4)

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Entry:
    """A listed person: their voiceprint, and the recordings that it was not made from."""

    name: str
    voiceprints: list[Vector]  # of the recordings as they are, then disguised
    rest: list[Utterance]


def run(corpus: Corpus, *, tell: Callable[[str], None], limit: int = 0) -> dict[str, object]:
    """List every speaker with several recordings (at most `limit`; 0: all), and compare all recordings with them."""
    started = time.process_time()
    people = {name: [one for one in rows if one.seconds >= SHORTEST] for name, rows in corpus.speakers().items()}
    entries = list(islice(_entries(people), limit or None))
    tell(f"{len(entries)} entries, {len(people)} people")
    own = [(entry.name, one.seconds, _cosine(entry, _embedded(one.audio()))) for entry in entries for one in entry.rest]
    own = [each for each in own if not np.isnan(each[2])]
    others: dict[str, list[float]] = {}
    for name, rows in people.items():
        for one in rows[:1] if name not in {entry.name for entry in entries} else rows:
            vector = _embedded(one.audio())
            against = [_cosine(entry, vector) for entry in entries if entry.name != name]
            others.setdefault(name, []).extend(value for value in against if not np.isnan(value))
    strangers = {name: max(values) for name, values in others.items() if values}
    pairs = [value for values in others.values() for value in values]
    tell("now disguises")
    return {
        "threshold": NOGO_VOICE,
        "entries": len(entries),
        "people": len(people),
        "same_held": share([value >= NOGO_VOICE for _, _, value in own]),
        "same_held_by_person": {
            entry.name: share([value >= NOGO_VOICE for name, _, value in own if name == entry.name])
            for entry in entries
        },
        "same": spread([value for _, _, value in own]),
        "others_held": share([value >= NOGO_VOICE for value in pairs]),
        "others": spread(pairs),
        "people_held_by_any_entry": share([value >= NOGO_VOICE for value in strangers.values()]),
        "disguised": _disguised(entries),
        "engine": f"{engines.speaker().name} {engines.speaker().version}",
        "cpu_s": round(time.process_time() - started, 1),
    }


def _entries(people: dict[str, list[Utterance]]) -> Iterator[Entry]:
    for name, rows in people.items():
        if len(rows) < 2:
            continue
        wanted, used = min(ENROLMENT, sum(one.seconds for one in rows) / 2), 0
        while sum(one.seconds for one in rows[:used]) < wanted:
            used += 1
        try:
            voiceprints = [one.vector for one in voiceprints_of(joined(rows[:used]))]
        except TooLittleSpeech:
            continue
        if rows[used:]:
            yield Entry(name, voiceprints, rows[used:])


def _disguised(entries: list[Entry]) -> dict[str, object]:
    """Return whom the list still holds where a recording runs slower or faster, and is deeper or higher for it."""
    pieces = [(entry, piece) for entry in entries for piece in islice(_pieces(entry), DISGUISES)]
    return {
        f"{semitones:+d}": {
            "held": share([value >= NOGO_VOICE for _, value in values]),
            "held_without_copies": share([value >= NOGO_VOICE for value, _ in values]),
            "cosine": spread([value for _, value in values]),
        }
        for semitones in SEMITONES
        if (values := [_both(entry, _embedded(moved(piece, semitones))) for entry, piece in pieces])
    }


def _both(entry: Entry, vector: Vector | None) -> tuple[float, float]:
    """Return the cosine with the entry's voiceprint as it is, and the highest with any of its copies."""
    if vector is None:
        return 0.0, 0.0
    cosines = [float(np.dot(one, vector)) for one in entry.voiceprints]
    return cosines[0], max(cosines)


def _pieces(entry: Entry) -> Iterator[Audio]:
    speech = joined(entry.rest)
    for place in range(int(speech.seconds // DISGUISED)):
        yield speech.cut(place * DISGUISED, (place + 1) * DISGUISED)


def _embedded(audio: Audio) -> Vector | None:
    try:
        return engines.speaker().embed(audio).vector
    except TooLittleSpeech:
        return None


def _cosine(entry: Entry, vector: Vector | None) -> float:
    return float("nan") if vector is None else _both(entry, vector)[1]
