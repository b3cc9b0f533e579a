"""Screening by a classifier from a folder, where transformers is installed; and what is said where it is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from tests.engines.contract import ScreenerContract
from velluto.engines.base import EngineError
from velluto.engines.screener import training
from velluto.engines.transformers_screener import TransformersScreener
from velluto.engines.transformers_training import finetune

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


@pytest.fixture(scope="module")
def taught(tmp_path_factory) -> TransformersScreener:
    """Return the adapter over a small classifier that was taught here, in seconds, on some built-in lines."""
    pytest.importorskip("transformers", reason="transformers is not installed: the adapter is NOT tested")
    folder = tmp_path_factory.mktemp("classifier")
    english = [line for line in training.read() if line.language == "en"]
    threats = [line for line in english if line.label == "harassment_threat"][:40]
    threat, recipe = ScreenerContract.THREAT, ScreenerContract.RECIPE
    beside = [f"{threat} {recipe} {recipe}", f"{recipe} {recipe} {threat} {recipe} {recipe}", f"{recipe} {threat}"]
    threats += [training.Line("harassment_threat", "en", text) for text in (threat, threat, *beside) * 2]
    allowed = [line for line in english if line.label == "allowed"][:40]
    allowed += [training.Line("allowed", "en", " ".join([recipe] * count)) for count in (1, 2, 3, 4, 5) * 2]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # many threads on few cores wait for each other
    try:
        finetune([*threats, *allowed], folder, rounds=8, rate=1e-3, tell=lambda line: None)
    finally:
        torch.set_num_threads(threads)
    return TransformersScreener(folder, {"harassment_threat": "harassment_threat"})


@pytest.mark.usefixtures("shared")
class TestTransformersScreener(ScreenerContract):
    @pytest.fixture
    def shared(self, taught: TransformersScreener) -> None:
        self.screener = taught

    def test_a_label_that_the_classifier_lacks_is_refused(self) -> None:
        with pytest.raises(EngineError, match="no label"):
            TransformersScreener(self.screener.folder, {"else": "hate"}).screen("Hello.")

    def test_what_was_taught_can_be_taught_further(self, tmp_path: Path) -> None:
        lines = [training.Line("allowed", "en", "Soup."), training.Line("hate", "en", "They are vermin.")]
        finetune(lines, tmp_path, base=self.screener.folder, rounds=1, tell=lambda line: None)
        further = TransformersScreener(tmp_path, {"hate": "hate"})
        assert further.version != self.screener.version
        assert 0 < further.screen("Soup.").scores["hate"] < 1
