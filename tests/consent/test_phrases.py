from datetime import date
from random import Random

import pytest

from consent import phrases
from tests.engines.voices import pause, read_aloud
from velluto.engines.base import Reading, Slot
from velluto.engines.pocketsphinx import PocketSphinxTranscriber

ON = date(2026, 11, 21)
NAME = "Charlotte Whitaker"


@pytest.fixture(scope="module")
def transcriber() -> PocketSphinxTranscriber:
    return PocketSphinxTranscriber()


def spoken(when: str, name: str = NAME) -> str:
    return phrases.STATEMENT.replace("[name]", name).replace("[date]", when)


def findings(
    transcriber: PocketSphinxTranscriber, text: str, name: str = NAME, on: date = ON
) -> phrases.StatementFindings:
    return phrases.statement_findings(transcriber.read(read_aloud(text), phrases.statement_slots(name, on, Random(1))))


def test_the_statement_is_the_text_of_the_policy() -> None:
    assert phrases.statement_text("Ada Byron", ON) == (
        "I, Ada Byron, on 21 November 2026, consent to the creation of a synthetic voice based on my recordings, "
        "to be used by Velluto."
    )


def test_a_name_that_looks_like_a_placeholder_stays_a_name() -> None:
    assert phrases.statement_text("[date]", ON).startswith("I, [date], on 21 November 2026,")


def test_a_phrase_has_five_different_words() -> None:
    seen = {phrases.new_phrase(Random(seed)) for seed in range(50)}
    assert len(seen) == 50
    assert all(len(set(phrase)) == phrases.PHRASE_WORDS and set(phrase) <= set(phrases.WORDS) for phrase in seen)


def test_every_word_is_in_the_recognisers_dictionary() -> None:
    from pocketsphinx import Decoder

    decoder = Decoder(loglevel="FATAL", lm=None)
    assert [word for word in phrases.WORDS if decoder.lookup_word(word) is None] == []
    assert len(set(phrases.WORDS)) == len(phrases.WORDS) > 100


def test_no_word_of_the_phrase_is_a_distractor() -> None:
    words = phrases.new_phrase(Random(2))
    slots = phrases.captcha_slots(words, Random(3))
    assert tuple(slot.expected for slot in slots) == words
    for slot in slots:
        assert len(set(slot.distractors)) == phrases.CAPTCHA_DISTRACTORS
        assert set(slot.distractors).isdisjoint(words)


def test_a_phrase_read_aloud_is_heard(transcriber: PocketSphinxTranscriber) -> None:
    words = phrases.new_phrase(Random(4))
    reading = transcriber.read(read_aloud(", ".join(words)), phrases.captcha_slots(words, Random(5)))
    assert phrases.captcha_hits(reading) == 5


def test_another_phrase_is_not_taken_for_the_expected_one(transcriber: PocketSphinxTranscriber) -> None:
    expected, other = phrases.new_phrase(Random(4)), phrases.new_phrase(Random(6))
    reading = transcriber.read(read_aloud(", ".join(other)), phrases.captcha_slots(expected, Random(5)))
    assert phrases.captcha_hits(reading) <= 2


@pytest.mark.parametrize(
    "when",
    [
        "the twenty first of November two thousand twenty six",
        "November twenty first, twenty twenty six",
        "twenty one November twenty twenty six",
        "November the twenty first two thousand and twenty six",
        "21 November 2026",
    ],
)
def test_the_statement_is_heard_however_the_date_is_said(transcriber: PocketSphinxTranscriber, when: str) -> None:
    assert findings(transcriber, spoken(when)) == phrases.StatementFindings(1, 1, True, True)


@pytest.mark.parametrize("on", [date(2026, 11, 22), date(2026, 10, 21), date(2025, 11, 21)], ids=str)
def test_another_date_is_noticed(transcriber: PocketSphinxTranscriber, on: date) -> None:
    found = findings(transcriber, spoken("the twenty first of November two thousand twenty six"), on=on)
    assert found.name_right
    assert not found.date_right


@pytest.mark.parametrize("name", ["Benjamin Abernathy", "Benjamin Whitaker", "Charlotte Lockwood"])
def test_another_name_is_noticed(transcriber: PocketSphinxTranscriber, name: str) -> None:
    found = findings(transcriber, spoken("the twenty first of November two thousand twenty six"), name=name)
    assert not found.name_right


def test_another_sentence_is_not_the_statement(transcriber: PocketSphinxTranscriber) -> None:
    text = "The old harbour was quiet in the morning, and seven yellow lanterns hung above the market square."
    found = findings(transcriber, text)
    assert not (found.name_right or found.date_right)
    assert found.words_share < 0.7


def test_silence_says_nothing(transcriber: PocketSphinxTranscriber) -> None:
    reading = transcriber.read(pause(4), phrases.statement_slots(NAME, ON, Random(1)))
    assert phrases.statement_findings(reading) == phrases.StatementFindings(0, 0, False, False)


def test_a_name_without_letters_is_never_right() -> None:
    slots = phrases.statement_slots("123 --", ON, Random(1))
    reading = Reading(tuple(slot.expected for slot in slots), (True,) * len(slots), "test", "1")
    assert not phrases.statement_findings(reading).name_right


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Jean-Luc  O'Brien", ("jean", "luc", "o'brien")),
        ("J. R. Ewing", ("j", "r", "ewing")),
        ("Zoë van der Berg", ("zoë", "van", "der", "berg")),
        ("Михаил Иванов", ("михаил", "иванов")),
    ],
)
def test_a_name_is_read_word_by_word(name: str, words: tuple[str, ...]) -> None:
    assert phrases.name_words(name) == words


def test_names_of_many_scripts_can_be_listened_for(transcriber: PocketSphinxTranscriber) -> None:
    for name in ("Михаил Иванов", "王小明", "Nguyễn Thị Minh", "Łukasz Żółć", "محمد علي", "O'Brien"):
        reading = transcriber.read(pause(1), phrases.statement_slots(name, ON, Random(1)))
        assert len(reading.right) == len(phrases.statement_slots(name, ON, Random(1)))


def test_a_name_is_not_among_its_own_distractors() -> None:
    slots = phrases.statement_slots("Maria Schmidt", ON, Random(7))
    for slot in slots[1:3]:
        assert len(slot.distractors) == phrases.NAME_DISTRACTORS
        assert slot.expected not in slot.distractors


@pytest.mark.parametrize(
    ("name", "alike"),
    [("olivia", "oliveira"), ("sofia", "zofia"), ("brennan", "brandon"), ("moreau", "moore"), ("park", "clark")],
)
def test_a_name_has_no_distractor_that_it_would_be_misheard_as(name: str, alike: str) -> None:
    assert alike in phrases.NAMES
    distractors = {
        other for seed in range(20) for other in phrases.name_slot(name, phrases.NAMES, Random(seed)).distractors
    }
    assert alike not in distractors
    assert len(distractors) > 100


@pytest.mark.parametrize(
    ("number", "cardinal", "ordinal"),
    [(1, "one", "first"), (12, "twelve", "twelfth"), (20, "twenty", "twentieth"), (31, "thirty one", "thirty first")],
)
def test_numbers_are_said_in_words(number: int, cardinal: str, ordinal: str) -> None:
    assert phrases.spoken_number(number) == cardinal
    assert phrases.spoken_ordinal(number) == ordinal


def test_years_have_three_readings() -> None:
    assert phrases.spoken_years(2026) == (
        "two thousand twenty six",
        "two thousand and twenty six",
        "twenty twenty six",
    )
    assert "twenty oh seven" in phrases.spoken_years(2007)


def test_every_day_of_a_year_has_slots_of_the_same_shape() -> None:
    shapes = {
        tuple((slot.optional, slot.route) for slot in phrases.statement_slots(NAME, date(2028, month, day), Random(1)))
        for month in range(1, 13)
        for day in (1, 15, 28)
    }
    assert len(shapes) == 1


def test_slots_take_part_in_no_comparison_with_an_expected_form_as_distractor() -> None:
    for slot in phrases.statement_slots(NAME, ON, Random(1)):
        assert isinstance(slot, Slot)
        assert set(slot.distractors).isdisjoint(slot.right)
