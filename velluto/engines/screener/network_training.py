"""Teach the networks with torch: each from the same rows, by another seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from velluto.engines.screener.network import SIZE, Network

WIDTH, NEAR, FAR = 40, 96, 64
ROUNDS = 8
BATCH = 64
FORGOTTEN = 0.15  # of the words, in each reading: no single word may decide
Rows = Sequence[Sequence[int]]


class _Learner(nn.Module):
    def __init__(self, labels: int) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(SIZE, WIDTH, mode="mean")
        nn.init.normal_(self.table.weight, 0, 0.3)
        self.near, self.far = nn.Conv1d(WIDTH, NEAR, 3, padding=1), nn.Conv1d(WIDTH, FAR, 5, padding=2)
        self.last = nn.Linear(2 * (NEAR + FAR) + WIDTH, labels)

    def forward(self, rows: Tensor, starts: Tensor, there: Tensor) -> Tensor:
        """Return logits; `rows` of all words in a row, where each word starts, and which words are there (0 or 1)."""
        vectors = self.table(rows, starts).view(*there.shape, WIDTH)
        if self.training:
            vectors = vectors * (torch.rand(there.shape) > FORGOTTEN).unsqueeze(-1)
        vectors = nn.functional.dropout(vectors, 0.25, self.training) * there.unsqueeze(-1)
        across = vectors.transpose(1, 2)
        seen = torch.cat([self.near(across), self.far(across)], 1).relu() * there.unsqueeze(1)
        count = there.sum(1, keepdim=True)
        drawn = torch.cat([seen.max(2).values, seen.sum(2) / count, 3 * vectors.sum(1) / count], 1)
        return self.last(nn.functional.dropout(drawn, 0.5, self.training))


def teach(
    examples: Sequence[Rows], wanted: NDArray[np.int64], labels: int, *, seed: int, rounds: int = ROUNDS
) -> Network:
    """Return a network; allowed and forbidden examples weigh as much together."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # one order of sums: the same seed gives the same weights
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return _kept(_taught(examples, wanted, labels, Random(seed), rounds))
    finally:
        torch.set_num_threads(threads)


def _taught(examples: Sequence[Rows], wanted: NDArray[np.int64], labels: int, chance: Random, rounds: int) -> _Learner:
    learner = _Learner(labels)
    bad = float((wanted > 0).mean())
    weight = torch.tensor([0.5 / (1 - bad)] + [0.5 / bad] * (labels - 1))
    loss = nn.CrossEntropyLoss(weight=weight, label_smoothing=0.05)
    steps = rounds * -(-len(examples) // BATCH)
    optimizer = torch.optim.AdamW(learner.parameters(), lr=3e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    flat = [
        (np.concatenate([np.array(own) for own in rows]), np.array([len(own) for own in rows])) for rows in examples
    ]
    for _ in range(rounds):
        for batch in _batches(len(examples), chance):
            cost = loss(learner(*_laid_out([flat[at] for at in batch])), torch.tensor(wanted[batch]))
            optimizer.zero_grad()
            cost.backward()
            optimizer.step()
            schedule.step()
    return learner


def _batches(count: int, chance: Random) -> Iterator[list[int]]:
    order = list(range(count))
    chance.shuffle(order)
    for at in range(0, count, BATCH):
        yield order[at : at + BATCH]


def _laid_out(examples: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> tuple[Tensor, Tensor, Tensor]:
    """Return the rows of a batch, each example filled up with words of one row that do not count."""
    longest = max(len(sizes) for _, sizes in examples)
    filled = [np.pad(sizes, (0, longest - len(sizes)), constant_values=1) for _, sizes in examples]
    rows = [np.pad(rows, (0, longest - len(sizes))) for rows, sizes in examples]
    starts = np.cumsum([0, *np.concatenate(filled)[:-1]])
    there = np.array([[at < len(sizes) for at in range(longest)] for _, sizes in examples], np.float32)
    return torch.tensor(np.concatenate(rows)), torch.tensor(starts), torch.tensor(there)


def _kept(learner: _Learner) -> Network:
    def plain(tensor: Tensor) -> NDArray[np.float32]:
        return np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)

    return Network(
        table=plain(learner.table.weight),
        near=plain(learner.near.weight.permute(2, 1, 0)),
        near_bias=plain(learner.near.bias),  # type: ignore[arg-type]
        far=plain(learner.far.weight.permute(2, 1, 0)),
        far_bias=plain(learner.far.bias),  # type: ignore[arg-type]
        last=plain(learner.last.weight.T),
        last_bias=plain(learner.last.bias),
    )
