"""The embedded screener: it sees through disguises, points at the passage, and is made from text alone."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from synthesis.screening import judge
from tests.engines.contract import ScreenerContract
from velluto.engines.base import EngineError
from velluto.engines.screener import EmbeddedScreener, network_training, normalise, training
from velluto.engines.screener.concepts import concepts
from velluto.engines.screener.model import Model

UNREAD = Path(__file__).with_name("screening_lines.jsonl")
CAUGHT, PASSED = 0.65, 0.88  # a little less than docs/benchmarks/screening.md measures
KNOWN = frozenset({"password", "vote", "money", "send", "posted", "kill", "your", "bank", "деньги", "пароль", "so"})


def heard(text: str) -> list[str]:
    return [word.text for word in normalise.words(text, KNOWN)]


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("p a s s w o r d", ["password"]),
        ("v.o.t.e", ["vote"]),
        ("s e n d m o n e y", ["send", "money"]),
        ("p4ssw0rd", ["password"]),
        ("p0sted", ["posted"]),
        ("k1ll", ["kill"]),
        ("$end", ["send"]),
        ("b4nk", ["bank"]),
        ("pаsswоrd", ["password"]),  # Cyrillic а and о
        ("υοτe vοte", ["uote", "vote"]),  # Greek; what makes no word stays what it looks like
        ("дeньги", ["деньги"]),  # a Latin e
        ("п а р о л ь", ["пароль"]),
        ("pass\u200bword", ["password"]),
        ("pass\u00adword", ["password"]),
        ("ｐａｓｓｗｏｒｄ", ["password"]),
        ("𝐯𝐨𝐭𝐞", ["vote"]),
        ("vóté", ["vote"]),
        ("moneyyyyy", ["money"]),
        ("sooo", ["so"]),
    ],
)
def test_a_disguised_word_is_heard_as_it_is_meant(written: str, understood: list[str]):
    assert heard(written) == understood


@pytest.mark.parametrize(
    "written", ["the 3rd of May 1960", "a4 paper, 5pm, b12, covid-19 and mp3", "I am a man", "50 kg"]
)
def test_honest_figures_and_short_words_are_left_alone(written: str):
    assert not any(word.disguised for word in normalise.words(written, KNOWN))
    assert heard("5pm and b12") == ["5pm", "and", "b12"]


def test_a_word_leads_back_to_where_it_stood():
    text = "Say it: p a s s w o r d, and pаss\u200bword. 𝐯𝐨𝐭𝐞!"
    found = {text[word.start : word.end] for word in normalise.words(text, KNOWN) if word.disguised}
    assert {"p a s s w o r d", "pаss\u200bword"} <= found
    assert text[slice(*next((w.start, w.end) for w in normalise.words(text, KNOWN) if w.text == "vote"))] == "𝐯𝐨𝐭𝐞"


@pytest.fixture(scope="module")
def screener() -> EmbeddedScreener:
    return EmbeddedScreener()


THREAT = "If you talk to the police I will kill you and your children."
RECIPE = "Preheat the oven, butter the tin, and fold the eggs in gently."


def test_a_threat_scores_far_above_a_recipe_in_the_category_it_belongs_to(screener: EmbeddedScreener):
    found, other = screener.screen(THREAT), screener.screen(RECIPE)
    assert max(found.scores, key=lambda code: found.scores[code]) == "harassment_threat"
    assert sum(found.scores.values()) > 0.8 > 0.3 > sum(other.scores.values())


def test_a_disguise_changes_little_about_the_score_and_is_counted(screener: EmbeddedScreener):
    plain = sum(screener.screen(THREAT).scores.values())
    disguised = screener.screen("If you t4lk to the p o l i c e I will kіll yоu and your chіldren.")
    assert disguised.disguised >= 4
    assert sum(disguised.scores.values()) > plain - 0.1


def test_a_threat_cannot_hide_in_a_long_script_and_is_pointed_at(screener: EmbeddedScreener):
    text = " ".join([RECIPE] * 12 + [THREAT] + [RECIPE] * 12)
    found = screener.screen(text)
    assert sum(found.scores.values()) > 0.6
    marked = " ".join(text[passage.start : passage.end] for passage in found.passages)
    assert THREAT in marked
    assert len(marked) < len(text) / 4


class TestEmbeddedScreener(ScreenerContract):
    screener = EmbeddedScreener()


def test_without_its_model_the_engine_says_how_to_make_it(tmp_path):
    with pytest.raises(EngineError, match="train_screening"):
        EmbeddedScreener(tmp_path / "none.npz")


def test_the_same_text_teaches_the_same_model(tmp_path):
    lines = [line for line in training.read() if line.language == "de"][::4]
    assert {line.label for line in lines} == set(training.LABELS)
    first, second = (training.train(lines, networks=1) for _ in range(2))
    assert np.array_equal(first.weights, second.weights)
    assert np.array_equal(first.networks[0].table, second.networks[0].table)
    kept = tmp_path / "model.npz"
    with kept.open("wb") as file:
        first.save(file)
    (chances, _, _), (again, _, _) = first.weigh(THREAT), Model.load(kept).weigh(THREAT)
    assert np.allclose(chances, again, atol=0.02)
    with kept.open("rb") as file:
        assert isinstance(np.load(io.BytesIO(file.read()))["used"], np.ndarray)


def test_the_shipped_model_was_learnt_from_the_shipped_text(screener: EmbeddedScreener):
    assert screener._model.known == training.vocabulary(list(training.read()))


def test_a_network_weighs_in_numpy_as_it_learnt_in_torch():
    learner = network_training._Learner(3).eval()
    rows = [[1, 2], [3], [4, 5, 6], [7]]
    flat = np.concatenate([np.array(own) for own in rows]), np.array([len(own) for own in rows])
    longer = np.arange(9), np.ones(9, np.int64)
    with torch.inference_mode():
        wanted = learner(*network_training._laid_out([flat, longer]))[0].numpy()
    assert np.allclose(network_training._kept(learner).logits(rows), wanted, atol=1e-4)


def test_lines_that_it_never_learnt_are_told_apart_as_well_as_was_measured(screener: EmbeddedScreener):
    learnt = {line.text for line in training.read()}
    lines = [json.loads(row) for row in UNREAD.read_text(encoding="utf-8").splitlines()]
    assert not learnt & {line["text"] for line in lines}
    verdicts = [(line["label"] == "allowed", judge(screener.screen(line["text"])).kind) for line in lines]
    allowed = [kind for good, kind in verdicts if good]
    forbidden = [kind for good, kind in verdicts if not good]
    assert 1 - forbidden.count("allow") / len(forbidden) >= CAUGHT
    assert allowed.count("allow") / len(allowed) >= PASSED
    assert allowed.count("block") <= 1


def test_the_lexicon_knows_ideas_in_every_language():
    for text in ("my grandmother", "meine Großmutter Oma", "ma mamie", "mi abuela", "моя бабушка"):
        assert "relative" in {name for name, _ in concepts().find(normalise.words(text, ()))}
