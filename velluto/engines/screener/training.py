"""Make the model anew from the text beside this file: the same text gives the same model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from velluto.engines.screener import features, network_training, normalise
from velluto.engines.screener.concepts import concepts
from velluto.engines.screener.model import ALLOWED, CATEGORIES, Model
from velluto.engines.screener.network import Network, tokens

TEXT = Path(__file__).with_name("text")
LABELS = (ALLOWED, *CATEGORIES)
STRENGTH = 0.5  # of the pull towards small weights
JOINED = 0.5  # of the lines are also learnt beside another line
NETWORKS = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One example: what it is, in which language, and its words."""

    label: str
    language: str
    text: str


def read(folder: Path = TEXT) -> Iterator[Line]:
    """Yield the examples; a file is called by its label, up to the first hyphen."""
    for path in sorted(folder.glob("*.txt")):
        label, language = path.stem.partition("-")[0], ""
        for row in path.read_text(encoding="utf-8").splitlines():
            if row.startswith("["):
                language = row.strip("[]")
            elif row.strip():
                yield Line(label, language, row.strip())


def vocabulary(lines: list[Line]) -> frozenset[str]:
    """Return every word of the examples and of the lexicon: what disguised words are held against."""
    known = concepts().vocabulary()
    for line in lines:
        known |= {word.text for word in normalise.words(line.text, ())}
    return frozenset(known)


def train(lines: list[Line], *, strength: float = STRENGTH, seed: int = 1, networks: int = NETWORKS) -> Model:
    """Return the model that these lines teach."""
    known = vocabulary(lines)
    examples = list(_with_company(lines, Random(seed)))
    rows = [_row(line.text, known) for line in examples]
    places = np.concatenate([np.fromiter(row, np.int64) for row in rows])
    values = np.concatenate([np.fromiter(row.values(), np.float64) for row in rows])
    starts = np.cumsum([0, *map(len, rows)])
    matrix = csr_matrix((values, places, starts), shape=(len(rows), features.SIZE))
    wanted = np.array([LABELS.index(line.label) for line in examples])
    return Model(_fit(matrix, wanted, strength), known, _networks(lines, known, seed, networks))


def _networks(lines: list[Line], known: frozenset[str], seed: int, count: int) -> list[Network]:
    """Return networks that learnt the lines, and every second one once more beside another line."""
    examples = list(_with_company(lines, Random(seed + 1)))
    rows = [tokens(normalise.words(line.text, known), concepts(), line.text.rstrip()[-1:]) for line in examples]
    wanted = np.array([LABELS.index(line.label) for line in examples])
    return [network_training.teach(rows, wanted, len(LABELS), seed=seed + number) for number in range(count)]


def _with_company(lines: list[Line], chance: Random) -> Iterator[Line]:
    """Yield each line, and some of them beside an allowed one: a bad sentence stays bad in company."""
    allowed: dict[str, list[Line]] = {}
    for line in lines:
        if line.label == ALLOWED:
            allowed.setdefault(line.language, []).append(line)
    for line in lines:
        yield line
        if allowed.get(line.language) and chance.random() < JOINED:
            pair = [line.text, chance.choice(allowed[line.language]).text]
            chance.shuffle(pair)
            yield Line(line.label, line.language, " ".join(pair))


def _row(text: str, known: frozenset[str]) -> dict[int, float]:
    row: dict[int, float] = {}
    found = features.features(normalise.words(text, known), concepts(), text.rstrip()[-1:])
    for place, value, _ in found:
        row[place] = row.get(place, 0.0) + value
    return row


def _fit(matrix: csr_matrix, wanted: NDArray[np.int64], strength: float) -> NDArray[np.float16]:
    """Return the weights of a multinomial logistic regression; allowed and forbidden lines weigh as much together."""
    used = np.unique(matrix.indices)
    data, count = matrix[:, used], len(LABELS)
    truth = np.eye(count)[wanted]
    bad = wanted != 0
    weight = np.where(bad, 0.5 / bad.mean(), 0.5 / (1 - bad.mean()))[:, None]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(len(used), count)
        logits = data @ weights
        logits -= logits.max(axis=1, keepdims=True)
        chances = np.exp(logits)
        chances /= chances.sum(axis=1, keepdims=True)
        cost = -(weight * truth * np.log(chances + 1e-12)).sum() + strength / 2 * (flat**2).sum()
        return cost, (data.T @ (weight * (chances - truth)) + strength * weights).ravel()

    found = minimize(loss, np.zeros(len(used) * count), jac=True, method="L-BFGS-B", options={"maxiter": 150})
    weights = np.zeros((features.SIZE, count), np.float16)
    weights[used] = found.x.reshape(len(used), count)
    return weights
