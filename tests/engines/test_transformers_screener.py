"""Screening by a classifier from a folder, where transformers is installed; and what is said where it is not."""

from __future__ import annotations

import json
import sys

import pytest

from velluto.engines.base import EngineError
from velluto.engines.transformers_screener import TransformersScreener

LABELS = {"toxic": "harassment_threat", "racist": "hate"}


def test_a_folder_without_a_classifier_is_refused(tmp_path):
    with pytest.raises(EngineError, match="folder"):
        TransformersScreener(tmp_path, LABELS)


def test_the_version_changes_with_the_weights(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    first = TransformersScreener(tmp_path, LABELS).version
    (tmp_path / "model.safetensors").write_bytes(b"other")
    assert TransformersScreener(tmp_path, LABELS).version != first


def test_where_transformers_is_missing_it_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(EngineError, match="requirements-gpu"):
        TransformersScreener(tmp_path, LABELS).screen("Hello.")


def test_a_classifier_from_a_folder_scores_its_categories_and_points_at_a_passage(tmp_path):
    transformers = pytest.importorskip(
        "transformers", reason="transformers is not installed: the adapter is NOT tested"
    )
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "you", "."]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        id2label={0: "fine", 1: "toxic", 2: "racist"}, label2id={"fine": 0, "toxic": 1, "racist": 2},
    )  # fmt: skip
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path, safe_serialization=True)
    transformers.BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["id2label"]["1"] == "toxic"
    found = TransformersScreener(tmp_path, LABELS).screen("Hello you. " * 200)
    assert set(found.scores) == {"harassment_threat", "hate"}
    assert 0 < sum(found.scores.values()) < 1
    (passage,) = found.passages
    assert 0 <= passage.start < passage.end <= 2_200
    with pytest.raises(EngineError, match="no label"):
        TransformersScreener(tmp_path, {"else": "hate"}).screen("Hello.")
