"""Teach a classifier for `TransformersScreener`: a pretrained one from a folder, or a small one from nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from velluto.engines.base import EngineError
from velluto.engines.screener.training import LABELS, Line

PIECES = 8_000  # of words, that the small classifier knows
SMALL = {"hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 256}
LONGEST = 128  # pieces of an example that are looked at
BATCH = 16


def finetune(
    lines: Sequence[Line],
    to: Path,
    *,
    base: Path | None = None,
    rounds: int = 4,
    rate: float = 5e-5,
    seed: int = 1,
    tell: Callable[[str], None] = print,
) -> None:
    """Write a classifier with the labels of `lines`, and its tokenizer, into the folder `to`.

    A rate of 5e-5 suits a pretrained model; a small one from nothing learns at 5e-4, in more rounds.
    """
    torch, transformers = _libraries()
    torch.manual_seed(seed)
    labels = [label for label in LABELS if any(line.label == label for line in lines)]
    tokenizer, model = _from_folder(transformers, base, labels) if base else _small(transformers, lines, labels)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    count = {label: sum(line.label == label for line in lines) for label in labels}
    weight = torch.tensor([len(lines) / len(labels) / count[label] for label in labels]).sqrt()
    order = list(lines)
    chance = Random(seed)
    model.train()
    for turn in range(rounds):
        chance.shuffle(order)
        total = 0.0
        for at in range(0, len(order), BATCH):
            batch = order[at : at + BATCH]
            inputs = tokenizer(
                [line.text for line in batch], return_tensors="pt", padding=True, truncation=True, max_length=LONGEST
            )
            wanted = torch.tensor([labels.index(line.label) for line in batch])
            cost = torch.nn.functional.cross_entropy(model(**inputs).logits, wanted, weight=weight)
            optimizer.zero_grad()
            cost.backward()
            optimizer.step()
            total += float(cost.detach()) * len(batch)
        tell(f"round {turn + 1} of {rounds}: loss {total / len(order):.3f}")
    model.eval().save_pretrained(to, safe_serialization=True)
    tokenizer.save_pretrained(to)


def _libraries() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise EngineError("transformers is not installed: pip install -r requirements-gpu.txt") from error
    return torch, transformers


def _names(labels: Sequence[str]) -> dict[str, Any]:
    return {"id2label": dict(enumerate(labels)), "label2id": {label: at for at, label in enumerate(labels)}}


def _from_folder(transformers: Any, base: Path, labels: Sequence[str]) -> tuple[Any, Any]:
    tokenizer = transformers.AutoTokenizer.from_pretrained(base, local_files_only=True)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        base,
        local_files_only=True,
        use_safetensors=True,
        num_labels=len(labels),
        ignore_mismatched_sizes=True,
        problem_type="single_label_classification",
        **_names(labels),
    )
    return tokenizer, model


def _small(transformers: Any, lines: Iterable[Line], labels: Sequence[str]) -> tuple[Any, Any]:
    from tokenizers import BertWordPieceTokenizer

    pieces = BertWordPieceTokenizer(lowercase=True)
    pieces.train_from_iterator((line.text for line in lines), vocab_size=PIECES, min_frequency=2, show_progress=False)
    with TemporaryDirectory() as folder:
        (vocabulary,) = pieces.save_model(folder)
        tokenizer = transformers.BertTokenizerFast(vocab_file=vocabulary, model_max_length=LONGEST)
    config = transformers.BertConfig(
        vocab_size=tokenizer.vocab_size, max_position_embeddings=LONGEST, **SMALL, **_names(labels)
    )
    return tokenizer, transformers.BertForSequenceClassification(config)
