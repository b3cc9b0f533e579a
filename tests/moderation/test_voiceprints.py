"""The quick search among voiceprints finds exactly what comparing with all of them finds."""

from __future__ import annotations

import numpy as np
import pytest

from moderation.policies import NOGO_VOICE
from moderation.voiceprints import HEAD, VoiceprintIndex, brute_force
from velluto.benchmarks import nogo as bench


@pytest.mark.parametrize("kind", ["voices", "scattered"])
@pytest.mark.parametrize("least", [0.2, 0.5, NOGO_VOICE, 0.999])
def test_it_finds_what_comparing_with_every_voiceprint_finds(kind: str, least: float):
    random = np.random.default_rng(7)
    vectors = bench._made_up(kind, 4_000, random)
    queries = bench._plant(vectors, random)
    index = VoiceprintIndex(vectors)
    for query in queries:
        assert index.search(query, least=least) == brute_force(vectors, query, least=least)


def test_a_voiceprint_just_above_the_threshold_is_found_and_one_just_below_is_not():
    vectors = np.zeros((2, 256), dtype=np.float32)
    for row, cosine in enumerate((NOGO_VOICE + 1e-6, NOGO_VOICE - 1e-6)):
        vectors[row, 0], vectors[row, 200] = cosine, np.sqrt(1 - cosine**2)
    asked = np.eye(1, 256, dtype=np.float32)[0]
    assert [row for row, _ in VoiceprintIndex(vectors).search(asked, least=NOGO_VOICE)] == [0]


def test_what_lies_outside_the_axes_that_are_read_first_is_found_all_the_same():
    random = np.random.default_rng(3)
    vectors = np.zeros((HEAD * 40, 256), dtype=np.float32)
    vectors[:, :HEAD] = random.standard_normal((len(vectors), HEAD))
    vectors[17] = 0
    vectors[17, 250] = 1  # alone across all the others
    asked = np.eye(256, dtype=np.float32)[250]
    assert VoiceprintIndex(vectors).search(asked, least=0.9) == [(17, 1.0)]


def test_an_empty_list_meets_nobody():
    assert VoiceprintIndex(np.zeros((0, 256), np.float32)).search(np.ones(256, np.float32), least=0.1) == []


def test_the_benchmark_compares_with_every_voiceprint():
    measured = bench.run(tell=lambda line: None, voiceprints=3_000)
    assert measured["exact"] is True
    assert measured["hits"] >= 2 * bench.QUERIES
