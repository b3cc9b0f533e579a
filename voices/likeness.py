"""Find the voices that sound like one: an exact search among the voiceprints of the samples. Only workers hold one.

The voiceprints are sealed under their owners' keys and opened into memory, as the No-Go list is. A voice that ended, or
whose key is destroyed, is not found; voiceprints of another engine or version are never compared.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db.models import Count, Max, QuerySet, Sum
from numpy.typing import NDArray

from moderation.voiceprints import VoiceprintIndex
from velluto import vault
from velluto.engines.base import Embedding
from voices import services
from voices.models import Recording, Voice, Voiceprint

Encoder = tuple[str, str]  # engine and version
Stamp = tuple[int, int | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Likeness:
    """A voice that sounds like the one asked for, and how much: the cosine of its closest sample, -1..1."""

    voice_id: UUID
    score: float


@dataclass(frozen=True, slots=True)
class _Known:
    """A voiceprint as it was read; no vector where its owner's key is destroyed."""

    measured_at: datetime
    voice_id: UUID
    encoder: Encoder
    vector: NDArray[np.float32] | None


class VoiceIndex:
    """The voiceprints of all voices that have not ended. `refresh` reads what changed since."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._known: dict[int, _Known] = {}
        self._arranged: dict[Encoder, tuple[list[UUID], VoiceprintIndex]] = {}

    def refresh(self) -> None:
        """Read what changed since the last time; what ended is forgotten."""
        with self._lock:
            stamp = _stamp_now()  # first: what changes while the rest is read is read again the next time
            if stamp != self._stamp:
                self._read()
                self._stamp = stamp

    def search(self, asked: Embedding, *, threshold: float) -> list[Likeness]:
        """Return each voice of which a sample comes as close as `threshold`, the closest first."""
        if (asked.engine, asked.version) not in self._arranged:
            return []
        owners, index = self._arranged[asked.engine, asked.version]
        closest: dict[UUID, float] = {}
        for row, cosine in index.search(asked.vector, least=threshold):
            closest.setdefault(owners[row], cosine)
        return [Likeness(voice_id, score) for voice_id, score in closest.items()]

    def _read(self) -> None:
        there = dict(_standing().values_list("pk", "measured_at"))
        self._known = {pk: known for pk, known in self._known.items() if pk in there and there[pk] == known.measured_at}
        new = [pk for pk in there if pk not in self._known]
        for start in range(0, len(new), 500):
            some = _standing().filter(pk__in=new[start : start + 500])
            for voiceprint in some.select_related("recording__voice__owner"):
                self._known[voiceprint.pk] = _opened(voiceprint)
        rows: dict[Encoder, list[tuple[UUID, NDArray[np.float32]]]] = defaultdict(list)
        for known in self._known.values():
            if known.vector is not None:
                rows[known.encoder].append((known.voice_id, known.vector))
        self._arranged = {
            encoder: ([voice for voice, _ in some], VoiceprintIndex(np.stack([vector for _, vector in some])))
            for encoder, some in rows.items()
        }


def find(asked: Embedding, *, limit: int, threshold: float, exclude: Collection[UUID] = ()) -> list[Likeness]:
    """Return at most `limit` voices that sound like `asked` (cosine at least `threshold`), the closest first.

    `exclude` names voices that are not to be found. Refused, suspended and curated voices are; deleted ones are not.
    """
    index.refresh()
    left_out = set(exclude)
    return [one for one in index.search(asked, threshold=threshold) if one.voice_id not in left_out][:limit]


def _standing() -> QuerySet[Voiceprint]:
    samples = Voiceprint.objects.filter(recording__purpose=Recording.Purpose.SAMPLE)
    return samples.exclude(recording__voice__status=Voice.Status.DELETED)


def _stamp_now() -> Stamp:
    """Return what every change of the voiceprints changes: how many, the sum of their keys, and when the last came."""
    found = _standing().aggregate(count=Count("pk"), keys=Sum("pk"), last=Max("measured_at"))
    return found["count"], found["keys"], found["last"]


def _opened(voiceprint: Voiceprint) -> _Known:
    voice_id, encoder = voiceprint.recording.voice_id, (voiceprint.engine, voiceprint.version)
    try:
        vector = services.load_voiceprint(voiceprint).vector
    except vault.KeyDestroyed:
        vector = None
    return _Known(voiceprint.measured_at, voice_id, encoder, vector)


index = VoiceIndex()
