"""Screen scripts with a text classifier of the transformers library, from a folder on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from velluto.engines.base import EngineError, Passage, Screening
from velluto.engines.screener.features import sentences

LONGEST = 300  # characters given to the classifier in one go: a bad sentence drowns in more company


class TransformersScreener:
    """A sequence classifier (one or several labels a text); `labels` says which of its labels is which category.

    Labels that are not named count for nothing. The folder holds the model and its tokenizer as `save_pretrained`
    writes them; nothing is downloaded.
    """

    name = "transformers"

    def __init__(self, folder: str | Path, labels: Mapping[str, str], device: str = "cpu") -> None:
        self.folder, self.labels, self.device = Path(folder), dict(labels), device
        if not (self.folder / "config.json").is_file() or not self.labels:
            raise EngineError("A folder with a classifier, and its labels, must be named in ENGINES.")
        digest = hashlib.sha256()
        for part in sorted(self.folder.glob("*.json")) + sorted(self.folder.glob("*.safetensors")):
            digest.update(part.name.encode())
            with part.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        self.version = f"{self.folder.name}-{digest.hexdigest()[:12]}"

    @cached_property
    def _classify(self) -> Any:
        try:
            import torch
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        except ImportError as error:
            raise EngineError("transformers is not installed: pip install -r requirements-gpu.txt") from error
        tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
        model = AutoModelForSequenceClassification.from_pretrained(
            self.folder, local_files_only=True, use_safetensors=True
        )
        model = model.to(self.device).eval()
        unknown = set(self.labels) - set(model.config.id2label.values())
        if unknown:
            raise EngineError(f"The classifier has no label {', '.join(sorted(unknown))}.")
        several = model.config.problem_type == "multi_label_classification"

        def classify(texts: list[str]) -> list[dict[str, float]]:
            inputs = tokenizer(texts, return_tensors="pt", padding=True, truncation=True).to(self.device)
            with torch.inference_mode():
                logits = model(**inputs).logits.float()
            chances = logits.sigmoid() if several else logits.softmax(-1)
            return [{model.config.id2label[at]: float(c) for at, c in enumerate(row)} for row in chances.cpu()]

        return classify

    def screen(self, text: str) -> Screening:
        scores = dict.fromkeys(self.labels.values(), 0.0)
        worst = -1.0
        passages: tuple[Passage, ...] = ()
        spans = list(_pieces(text)) or [(0, len(text))]
        for (start, end), found in zip(spans, self._classify([text[a:b] for a, b in spans]), strict=True):
            named: dict[str, float] = dict.fromkeys(scores, 0.0)
            for label, category in self.labels.items():
                named[category] += found[label]
            if max(named.values()) > worst:
                worst, passages = max(named.values()), (Passage(start, end),)
            scores = {category: max(score, min(1.0, named[category])) for category, score in scores.items()}
        return Screening(scores, passages, 0, self.name, self.version)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield runs of sentences, each as long as the classifier takes."""
    begin = end = -1
    for start, stop in sentences(text):
        if begin >= 0 and stop - begin > LONGEST:
            yield begin, end
            begin = -1
        begin, end = (start if begin < 0 else begin), stop
    if begin >= 0:
        yield begin, end
