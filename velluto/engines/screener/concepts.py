"""Find ideas in words: `concepts.txt` says by which words each idea is known in each language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from velluto.engines.screener.normalise import Word, fold

LIST = Path(__file__).with_name("concepts.txt")
GERMAN = frozenset({"der", "und", "nicht", "ist", "sie", "ich", "das", "ein", "eine", "wir", "den", "von", "zu"})
NAMED = "named"  # two capitalised words in a row, as a person's name is written


class Concepts:
    """The lexicon, made ready for looking up."""

    def __init__(self, text: str) -> None:
        self.whole: dict[str, set[str]] = defaultdict(set)
        self.stems: dict[str, set[str]] = defaultdict(set)
        self.phrases: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for line in text.splitlines():
            name, colon, entries = line.partition(": ")
            if colon and not line.startswith("#"):
                for entry in fold(entries).split():
                    self._learn(name, entry)

    def _learn(self, name: str, entry: str) -> None:
        if "_" in entry:
            first, *rest = entry.split("_")
            self.phrases[first.rstrip("*")].append((tuple(rest), name))
        elif entry.endswith("*"):
            self.stems[entry[:-1]].add(name)
        else:
            self.whole[entry].add(name)

    def vocabulary(self) -> set[str]:
        """Return the whole words that the lexicon knows."""
        phrases = {
            word.rstrip("*") for first, found in self.phrases.items() for rest, _ in found for word in (first, *rest)
        }
        return {*self.whole, *self.stems, *phrases}

    def find(self, words: Sequence[Word]) -> list[tuple[str, int]]:
        """Return each idea with the number of the word at which it begins."""
        return [(name, place) for place in range(len(words)) for name in self._at(words, place)]

    def _at(self, words: Sequence[Word], place: int) -> Iterator[str]:
        word = words[place].text
        found = set(self.whole.get(word, ()))
        for size in range(2, len(word) + 1):
            found |= self.stems.get(word[:size], set())
        for rest, name in self.phrases.get(word, ()):
            following = [after.text for after in words[place + 1 : place + 1 + len(rest)]]
            if len(following) == len(rest) and all(map(_fits, following, rest)):
                found.add(name)
        yield from sorted(found)
        if self._named(words, place):
            yield NAMED

    def _named(self, words: Sequence[Word], place: int) -> bool:
        """Tell a name by its capitals; German writes every noun with one, so there it takes a third."""
        size = 3 if any(word.text in GERMAN for word in words) else 2
        run = words[place : place + size]
        return len(run) == size and all(word.capital and len(word.text) > 1 for word in run)


def _fits(word: str, entry: str) -> bool:
    return word.startswith(entry[:-1]) if entry.endswith("*") else word == entry


@cache
def concepts() -> Concepts:
    return Concepts(LIST.read_text(encoding="utf-8"))
