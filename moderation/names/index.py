"""Find among many names those that may be one person's with a given one."""

from __future__ import annotations

from collections import defaultdict
from typing import Generic, TypeVar

from moderation.names.matching import SCORE_HELD, Name, compare, prepare

K = TypeVar("K")


class NameIndex(Generic[K]):
    """Names by whatever they may be found by: two names that are one share at least one word, or are one in a piece."""

    def __init__(self) -> None:
        self._names: dict[K, list[Name]] = {}
        self._by_key: dict[str, set[K]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._names)

    def put(self, owner: K, names: list[str]) -> None:
        """Let these be all the names of an owner; none takes the owner out."""
        for name in self._names.pop(owner, ()):
            for key in name.keys:
                self._by_key[key].discard(owner)
        if not names:
            return
        self._names[owner] = [prepare(name) for name in names]
        for name in self._names[owner]:
            for key in name.keys:
                self._by_key[key].add(owner)

    def search(self, declared: str, *, least: float = SCORE_HELD) -> list[tuple[K, float]]:
        """Return the owners whose names may be this person's, with how likely that is, the likeliest first."""
        asked = prepare(declared)
        candidates = {owner for key in asked.keys for owner in self._by_key.get(key, ())}
        scored = ((owner, max(compare(name, asked) for name in self._names[owner])) for owner in candidates)
        return sorted(((owner, score) for owner, score in scored if score >= least), key=lambda found: -found[1])
