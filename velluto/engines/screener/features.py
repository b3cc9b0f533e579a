"""Turn words into the numbers that the model weighs: words, pairs of words, ideas, ideas that meet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations, pairwise
from zlib import crc32

from velluto.engines.screener.concepts import Concepts
from velluto.engines.screener.normalise import Word

SIZE = 2**16
STEM = 6  # letters of a word that count: "gewählt" and "gewählte" are one
SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+[\"'»”)]*|\n|$)")
WEIGHTS = {"w": 1.0, "b": 0.7, "g": 0.5, "c": 1.5, "p": 1.5, "n": 0.7, "s": 0.7}
NEAR = 4  # words within which the order of two ideas counts
LARGEST = 40  # ideas in a window whose pairs are looked at


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where each sentence begins and ends."""
    return [match.span() for match in SENTENCE.finditer(text) if match[0].strip()]


def features(words: Sequence[Word], concepts: Concepts, ends: str = "") -> list[tuple[int, float, int]]:
    """Return (place in the weights, value, number of the word it begins at) for a run of words."""
    found: dict[str, dict[str, int]] = {kind: {} for kind in WEIGHTS}
    stems = [word.text[:STEM] for word in words]
    for place, stem in enumerate(stems):
        found["w"].setdefault(stem, place)
        marked = f"_{words[place].text}_"
        for at in range(len(marked) - 3):
            found["g"].setdefault(marked[at : at + 4], place)
    for place, (first, second) in enumerate(pairwise(stems)):
        found["b"].setdefault(f"{first} {second}", place)
    ideas: dict[str, int] = {}
    met = concepts.find(words)
    for name, place in met:
        ideas.setdefault(name, place)
    for at, (first, place) in enumerate(met):
        for second, later in met[at + 1 : at + 8]:
            if 0 < later - place <= NEAR:
                found["n"].setdefault(f"{first} {second}", place)
    found["c"] = ideas
    for (first, place), (second, _) in combinations(sorted(list(ideas.items())[:LARGEST]), 2):
        found["p"][f"{first} {second}"] = place
    if words:
        found["s"] = {f"begins {stems[0]}": 0, f"ends {ends}": 0, f"long {min(len(words) // 12, 4)}": 0}
    return [
        (crc32(f"{kind}:{name}".encode()) % SIZE, WEIGHTS[kind] / len(names) ** 0.5, place)
        for kind, names in found.items()
        for name, place in names.items()
    ]
