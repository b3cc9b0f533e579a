from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.engines.contract import TranscriberContract, slots
from tests.engines.voices import read_aloud
from velluto.engines.base import Slot
from velluto.engines.pocketsphinx import PocketSphinxTranscriber, grammar, match
from velluto.engines.pronunciation import arpabet, plain_latin, pronunciations


class TestPocketSphinxTranscriber(TranscriberContract):
    transcriber = PocketSphinxTranscriber()


@pytest.mark.parametrize("voice", ["en-us", "en-us+m3", "en-us+f5"])
def test_voices_over_digital_silence_are_heard(voice: str) -> None:
    reading = PocketSphinxTranscriber().read(
        read_aloud("elephant, harvest, melody, sugar.", voice), slots("elephant", "harvest", "melody", "sugar")
    )
    assert sum(reading.right) >= 3


def test_threads_may_share_a_transcriber() -> None:
    transcriber = PocketSphinxTranscriber()
    phrases = ["balloon, kingdom.", "spider, melody."] * 2
    expected = [slots("balloon", "kingdom"), slots("spider", "melody")] * 2
    with ThreadPoolExecutor(4) as pool:
        readings = list(pool.map(transcriber.read, map(read_aloud, phrases), expected))
    assert [reading.right for reading in readings] == [(True, True)] * 4


def test_words_are_found_where_they_are_spoken() -> None:
    audio = read_aloud("balloon, kingdom, spider.")
    spans = PocketSphinxTranscriber().align(audio, ["balloon", "kingdom", "spider"])
    assert spans is not None
    assert len(spans) == 3
    times = [time for span in spans for time in (span.start, span.end)]
    assert times == sorted(times)
    assert 0 <= times[0] < 0.3
    assert times[-1] <= audio.seconds + 0.1


def test_a_word_that_nobody_can_say_is_never_heard_and_stops_nothing() -> None:
    expected = [*slots("balloon"), Slot("..."), *slots("spider")]
    reading = PocketSphinxTranscriber().read(read_aloud("balloon, spider."), expected)
    assert reading.heard == ("balloon", None, "spider")
    assert reading.right == (True, False, True)


def test_phrases_that_begin_alike_are_laid_back_onto_their_slots() -> None:
    expected = [Slot("a b"), Slot("b c", optional=True), Slot("c")]
    choices = [[("a",), ("a", "b")], [("b", "c")], [("c",), ("b", "c")]]
    assert match(["a", "b", "c"], expected, choices) == [("a",), None, ("b", "c")]
    assert match(["a", "b", "c", "c"], expected, choices) == [("a",), ("b", "c"), ("c",)]
    assert match(["a"], expected, choices) is None


def test_every_way_through_the_grammar_ends_in_its_final_state() -> None:
    expected = [Slot("a"), Slot("b c", route="one"), Slot("d", route="two"), Slot("e", optional=True, route="two")]
    links, last = grammar(expected, [[("a",)], [("b", "c")], [("d",)], [("e",)]])
    followed = {link[0] for link in links}
    assert {link[1] for link in links} - followed == {last}
    assert sum(link[2] for link in links if link[0] == 0) == 1


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("velluto", "V EH L UW T OW"),
        ("Łukasz", "L UW K AE S Z"),
        ("Михаил", "M IY HH AA IY L"),
        ("김민수", "G IY M IY N S UW"),
    ],
)
def test_names_of_many_scripts_have_a_pronunciation(word: str, phones: str) -> None:
    assert phones in pronunciations(word)


@pytest.mark.parametrize("word", ["...", "สมชาย"])
def test_what_cannot_be_read_has_no_pronunciation(word: str) -> None:
    assert pronunciations(word) == ()


def test_accents_are_taken_off_latin_letters() -> None:
    assert plain_latin("Nguyễn Ødegård") == "nguyen odegard"


def test_unknown_symbols_are_dropped_and_the_longest_match_wins() -> None:
    assert arpabet("tʃˈeɪnʔǃ") == "CH EY N T"
