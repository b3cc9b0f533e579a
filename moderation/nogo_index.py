"""The No-Go list in memory, opened: built from the sealed rows, and kept as they are. Only workers hold one."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from moderation import policies
from moderation.models import NoGoEntry, NoGoMatch, NoGoRevision, NoGoVoiceprint
from moderation.names import NameIndex
from moderation.voiceprints import VoiceprintIndex
from velluto import vault
from velluto.engines.base import Embedding

Encoder = tuple[str, str]  # engine and version


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that was met, by name or by voice, and how close."""

    entry: UUID
    kind: str
    score: float


class NoGoIndex:
    """All listed names and voiceprints. `refresh` reads what changed since; searches answer from what was read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.stamp: UUID | None = None
        self._known: dict[UUID, UUID] = {}
        self._names: NameIndex[UUID] = NameIndex()
        self._vectors: dict[UUID, list[tuple[Encoder, NDArray[np.float32]]]] = {}
        self._voices: dict[Encoder, tuple[list[UUID], VoiceprintIndex]] = {}

    def refresh(self) -> UUID:
        """Read what changed since the last time, and return the stamp of the list as it is held now."""
        with self._lock:
            # The stamp first: what changes while the rest is read is read again the next time.
            stamp = stamp_now()
            if stamp != self.stamp:
                self._read()
                self.stamp = stamp
            return stamp

    def search(self, name: str, voice: Embedding | None) -> list[Found]:
        """Return every entry that the name or the voice meets."""
        found = [Found(entry, NoGoMatch.Kind.NAME, score) for entry, score in self._names.search(name)]
        if voice is not None and (voice.engine, voice.version) in self._voices:
            owners, index = self._voices[voice.engine, voice.version]
            closest: dict[UUID, float] = {}
            for row, cosine in index.search(voice.vector, least=policies.NOGO_VOICE):
                closest.setdefault(owners[row], cosine)
            found += [Found(entry, NoGoMatch.Kind.VOICE, cosine) for entry, cosine in closest.items()]
        return found

    def _read(self) -> None:
        listed = dict(NoGoEntry.objects.filter(status=NoGoEntry.Status.LISTED).values_list("pk", "stamp"))
        gone = [pk for pk in self._known if listed.get(pk) != self._known[pk]]
        new = [pk for pk in listed if self._known.get(pk) != listed[pk]]
        for pk in (*gone, *new):
            self._names.put(pk, [])
            self._vectors.pop(pk, None)
        for start in range(0, len(new), 500):
            some = new[start : start + 500]
            for entry in NoGoEntry.objects.filter(pk__in=some):
                self._names.put(entry.pk, names_of(entry))
            for voiceprint in NoGoVoiceprint.objects.filter(entry__in=some).select_related("entry"):
                encoder = (voiceprint.engine, voiceprint.version)
                self._vectors.setdefault(voiceprint.entry_id, []).append((encoder, vector_of(voiceprint)))
        self._known = listed
        if gone or new:
            self._voices = _arranged(self._vectors)


def _arranged(
    vectors: dict[UUID, list[tuple[Encoder, NDArray[np.float32]]]],
) -> dict[Encoder, tuple[list[UUID], VoiceprintIndex]]:
    by_encoder: dict[Encoder, list[tuple[UUID, NDArray[np.float32]]]] = defaultdict(list)
    for owner, some in vectors.items():
        for encoder, vector in some:
            by_encoder[encoder].append((owner, vector))
    return {
        encoder: ([owner for owner, _ in rows], VoiceprintIndex(np.stack([vector for _, vector in rows])))
        for encoder, rows in by_encoder.items()
    }


def stamp_now() -> UUID:
    """Return the stamp of the list as it is stored; a list that never changed has one, too."""
    return NoGoRevision.objects.get_or_create(pk=1)[0].stamp


def seal_details(entry: NoGoEntry, names: Iterable[str], note: str) -> bytes:
    content = json.dumps({"names": list(names), "note": note}, ensure_ascii=False).encode()
    return vault.seal(entry.vault_owner, "nogo.entry", str(entry.pk), content)


def details_of(entry: NoGoEntry) -> dict[str, object]:
    """Return the names and the note of an entry. Who shows them to somebody puts that on record first."""
    opened: dict[str, object] = json.loads(
        vault.unseal(entry.vault_owner, "nogo.entry", str(entry.pk), bytes(entry.sealed))
    )
    return opened


def names_of(entry: NoGoEntry) -> list[str]:
    names = details_of(entry)["names"]
    return [str(name) for name in names] if isinstance(names, list) else []


def seal_vector(voiceprint: NoGoVoiceprint, vector: NDArray[np.float32]) -> bytes:
    owner = voiceprint.entry.vault_owner
    return vault.seal(owner, "nogo.voiceprint", str(voiceprint.pk), vector.astype("<f4").tobytes())


def vector_of(voiceprint: NoGoVoiceprint) -> NDArray[np.float32]:
    owner = voiceprint.entry.vault_owner
    data = vault.unseal(owner, "nogo.voiceprint", str(voiceprint.pk), bytes(voiceprint.sealed))
    return np.frombuffer(data, dtype="<f4").copy()


index = NoGoIndex()
