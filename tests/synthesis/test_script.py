"""How a script becomes lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis import policies
from synthesis.script import lines


def test_sentences_and_paragraphs_get_their_pauses():
    found = lines("Dr. Smith came at 3.30 p.m. today. He left.\n\nThen it rained.", "en")
    assert [line.text for line in found] == ["Dr. Smith came at 3.30 p.m. today.", "He left.", "Then it rained."]
    assert [line.pause for line in found] == [0.35, 0.8, 0.8]


def test_a_long_sentence_is_broken_where_one_may_breathe():
    found = lines("and so it went on, " * 40, "en")
    assert len(found) > 1
    assert all(len(line.text) <= policies.LONG_SENTENCE for line in found)


@given(st.text(max_size=600), st.sampled_from(["en", "de", "zh", "xx"]))
def test_nothing_that_can_be_said_is_lost(text: str, language: str):
    script = policies.normal_script(text)
    said = "".join(line.text for line in lines(script, language))
    assert [sign for sign in script if sign.isalnum()] == [sign for sign in said if sign.isalnum()]


@pytest.mark.parametrize("text", ["", "...", "\n\n", "🙂"])
def test_nothing_to_say_gives_no_lines(text: str):
    assert lines(text, "en") == []
