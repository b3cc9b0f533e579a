"""The weights, and how a script is weighed with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from velluto.engines.screener import features, normalise
from velluto.engines.screener.concepts import concepts
from velluto.engines.screener.network import Network, tokens
from velluto.engines.screener.normalise import Word

ALLOWED = "allowed"
CATEGORIES = (
    "defamation",
    "election_manipulation",
    "fraud_impersonation",
    "harassment_threat",
    "hate",
    "misinformation",
    "political_campaign",
    "sexual_ncii",
)
WHOLE = 90  # words; a longer script is read through windows, so that nothing hides in its length
WINDOW = 20  # so few that one bad sentence outweighs its company


@dataclass(frozen=True, slots=True)
class Window:
    """Some sentences in a row: the words, and where each sentence begins (number of its first word; its span)."""

    words: list[Word]
    spans: list[tuple[int, int, int]]  # first word, start, end
    ends: str


class Model:
    """A linear model and some networks; what each finds likely is averaged, half the linear model, half the others."""

    def __init__(self, weights: NDArray[np.float16], known: frozenset[str], networks: Sequence[Network] = ()) -> None:
        self.weights = weights.astype(np.float32)
        self.known = known
        self.networks = tuple(networks)

    @classmethod
    def load(cls, path: Path) -> Model:
        with np.load(path) as kept:
            weights = np.zeros((features.SIZE, len(CATEGORIES) + 1), np.float16)
            weights[kept["used"]] = kept["weights"]
            networks = [Network.load(kept, number) for number in range(int(kept["networks"]))]
            return cls(weights, frozenset(bytes(kept["known"]).decode().split("\n")), networks)

    def save(self, file: BinaryIO) -> None:
        used = np.flatnonzero(self.weights.any(axis=1)).astype(np.uint16)
        known = np.frombuffer("\n".join(sorted(self.known)).encode(), np.uint8)
        content: dict[str, Any] = {"networks": np.array(len(self.networks))}
        for number, network in enumerate(self.networks):
            content |= network.arrays(number)
        np.savez_compressed(file, used=used, weights=self.weights[used].astype(np.float16), known=known, **content)

    def weigh(self, text: str) -> tuple[NDArray[np.float32], list[tuple[int, int]], int]:
        """Return the chance of each label (allowed first), the passages that speak most for it, and disguises."""
        words = normalise.words(text, self.known)
        worst = np.eye(1, len(CATEGORIES) + 1, dtype=np.float32)[0]
        passages: list[tuple[int, int]] = []
        for window in _windows(text, words):
            chances, guilty = self._weigh(window)
            if chances[0] < worst[0] or not passages:
                worst, passages = chances, guilty
        return worst, passages, sum(word.disguised for word in words)

    def _weigh(self, window: Window) -> tuple[NDArray[np.float32], list[tuple[int, int]]]:
        found = features.features(window.words, concepts(), window.ends)
        places = np.array([place for place, _, _ in found])
        parts = self.weights[places] * np.array([[value] for _, value, _ in found], np.float32)
        chances = np.exp(self._averaged(_logs(parts.sum(axis=0)), window))
        chances /= chances.sum()
        category = 1 + int(chances[1:].argmax())
        firsts = np.array([first for first, _, _ in window.spans])
        sentence = np.searchsorted(firsts, [at for _, _, at in found], side="right") - 1
        blame = np.zeros(len(firsts))
        np.add.at(blame, sentence, parts[:, category] - parts[:, 0])
        least = blame.max() / 2
        return chances, [span[1:] for span, share in zip(window.spans, blame, strict=True) if share >= least]

    def _averaged(self, linear: NDArray[np.float32], window: Window) -> NDArray[np.float32]:
        if not self.networks:
            return linear
        rows = tokens(window.words, concepts(), window.ends)
        others = np.mean([_logs(network.logits(rows)) for network in self.networks], axis=0)
        return np.asarray((linear + others) / 2, np.float32)


def _logs(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the logarithms of the chances."""
    moved = logits - logits.max()
    return np.asarray(moved - np.log(np.exp(moved).sum()), np.float32)


def _windows(text: str, words: list[Word]) -> Iterator[Window]:
    """Yield the script in one, or where it is long, in windows that overlap by half."""
    spans: list[tuple[int, int, int]] = []
    for start, end in features.sentences(text):
        inside = [number for number, word in enumerate(words) if start <= word.start < end]
        if inside:
            spans.append((inside[0], start + len(text[start:end]) - len(text[start:end].lstrip()), end))
    first = 0
    while first < len(spans):
        last = first + 1
        limit = WHOLE if len(words) <= WHOLE else WINDOW
        while last < len(spans) and _count(spans, last + 1, words) - spans[first][0] <= limit:
            last += 1
        begin, stop = spans[first][0], _count(spans, last, words)
        within = [(at - begin, start, end) for at, start, end in spans[first:last]]
        yield Window(words[begin:stop], within, text[: spans[last - 1][2]].rstrip()[-1:])
        if last == len(spans):
            return
        first += max(1, (last - first) // 2)


def _count(spans: list[tuple[int, int, int]], last: int, words: list[Word]) -> int:
    return spans[last][0] if last < len(spans) else len(words)
