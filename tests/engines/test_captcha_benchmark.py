"""The captcha's benchmark, on a corpus that is made up."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import soundfile

from tests.engines.voices import read_aloud
from velluto.benchmarks import captcha
from velluto.benchmarks.captcha_tries import Aligned, runs, word_lists
from velluto.benchmarks.corpus import Corpus
from velluto.engines.base import SpeechSpan

SENTENCE = "the famous captain carried seven enormous suitcases through another terrible winter evening"


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    audio = read_aloud(SENTENCE)
    soundfile.write(tmp_path / "said.flac", audio.samples, audio.rate)
    rows = ["speaker,file,seconds,text,source_and_licence", f"alice,said.flac,{audio.seconds:.2f},{SENTENCE},made up"]
    (tmp_path / "manifest.csv").write_text("\n".join(rows))
    return Corpus.open(tmp_path)


def test_each_share_comes_with_what_stands_behind_it(corpus: Corpus) -> None:
    result = captcha.run(corpus, tell=lambda _: None, limit=2)
    assert {"false_reject", "false_accept", "cpu_s_per_try"} <= set(result)
    assert result["false_accept"] == 0
    assert result["false_accept_below_95"] == pytest.approx(1 - 0.05**0.5, abs=1e-4)
    kinds = result["real"]
    assert isinstance(kinds, dict)
    assert kinds["runs_apart"]["speakers"] == 1
    assert kinds["runs_apart"]["tries"] == 2
    assert kinds["single_words"]["false_reject_95"] is None


def test_a_thousand_tries_without_a_false_accept_bound_it_below_a_third_of_a_percent() -> None:
    below = captcha._below([0] * 1_000, captcha._accepted)
    assert below is not None
    assert 0.0029 < below < 0.0031


def an_utterance(words: str) -> Aligned:
    audio = read_aloud(words)
    said = tuple(words.split())
    step = audio.seconds / len(said)
    return Aligned("alice", audio, said, tuple(SpeechSpan(n * step, (n + 1) * step) for n in range(len(said))))


def test_runs_apart_share_no_word_and_can_keep_a_stray_one() -> None:
    found = [an_utterance(SENTENCE)]
    apart, overlapping = runs(found, step=5), runs(found, step=1)
    assert len({word for attempt in apart for word in attempt.words}) == 5 * len(apart)
    assert len(overlapping) > len(apart)
    with_stray = runs(found, step=5, before=1)
    assert [attempt.words for attempt in with_stray] == [attempt.words for attempt in apart]
    assert all(long.audio.seconds > short.audio.seconds for long, short in zip(with_stray, apart, strict=True))


def test_word_lists_use_longer_words_and_each_once() -> None:
    lists = word_lists([an_utterance(SENTENCE)], Random(1))
    words = [word for attempt in lists for word in attempt.words]
    assert len(words) == len(set(words)) == 10
    assert all(len(word) >= 6 for word in words)
