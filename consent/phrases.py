"""What is read aloud at the gate: random phrases, the consent statement, and what was heard of them.

Pure: no clock, no database. Callers pass the source of chance (`secrets.SystemRandom()` in service) and the date.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from velluto.engines.base import Reading, Slot

PHRASE_WORDS = 5
CAPTCHA_DISTRACTORS = 24

# Everyday words of two or three syllables that the recogniser's dictionary lists. No two are closer than three phones
# apart (a change within a class of like sounds counts half), so that none is easily taken for another.
_WORDS = """
    acrobat balloon banana basket battery bicycle buffalo cabbage cactus calendar canyon caramel carnival cathedral
    cherry chimney chocolate cinnamon circus coconut coffee compass crystal cucumber curtain dolphin domino donkey
    dragon elephant emerald falcon festival flamingo flower fountain galaxy giraffe gorilla guitar hamburger harbor
    harvest horizon hospital igloo island jewel jungle kangaroo kingdom lantern lemonade lizard magazine magnet
    marble meadow melody mosquito museum mushroom needle newspaper ocean octopus orchard oxygen oyster paper
    parachute pencil penguin photograph piano picnic pirate planet popcorn potato pumpkin pyramid rainbow raisin
    restaurant robot sandwich satellite saxophone sculpture silver skeleton spaghetti spider spinach squirrel
    stadium sugar sunset teacher thunder tornado tractor triangle trumpet umbrella vacation vanilla velvet village
    violin volcano walnut waterfall yogurt zebra
"""
WORDS = tuple(_WORDS.split())

# Given and family names of many languages: what another name than the expected one may sound like.
_NAMES = """
    abdullah adams agnieszka ahmed aisha alexander ali allen amanda amara anderson andrew angela anita anthony arjun
    astrid bailey baker barbara bennett bianchi boris brandon brown butler camille campbell carlos carmen carolyn
    carter charles chen chloe christina clark collins cooper cruz cynthia daniel davis deborah deepak diaz diego
    dimitri dorothy dubois edward elena elizabeth emily evans fatima fernando ferrari fischer flores francesca frank
    garcia george giovanni giulia gloria gomez gonzalez gray green gregory gupta hall hannah hans harris hassan helen
    henry hernandez hiroshi howard huang hughes ibrahim igor ingrid isabel ivanov jackson jacob james jennifer jessica
    john johnson jones joseph joyce juan judith julia justin karen katarzyna kelly kenneth kevin khan kim klaus kofi
    kowalski kumar larry laura lee lefebvre levi linda ling lopez lucia luis marco margaret maria martha martin mary
    matthew mehmet mensah michael miguel miller mohammed moore morales morgan murphy nakamura nancy natalie natasha
    nelson ngozi nguyen nicholas novak okafor olga oliveira omar ortiz pamela paolo park patel patricia patrick pavel
    pedro perez peterson phillips pierre powell priya rachel rahul ramirez raymond rebecca richard rivera robert
    robinson rodriguez romano rossi russell samantha sanchez sandra santos sarah schmidt scott sharma shirley silva
    singh smith sofia sokolov stephen stewart sullivan susan suzuki svetlana tanaka taylor teresa thomas thompson
    tomasz torres tuan turner victoria vladimir wagner walker wang ward watson weber white william williams wilson
    wright yamamoto young yuki yusuf zainab zhang zofia zoltan
"""
NAMES = tuple(_NAMES.split())

STATEMENT = (
    "I, [name], on [date], consent to the creation of a synthetic voice based on my recordings, to be used by Velluto."
)
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

ONES = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth", "twenty": "twentieth", "thirty": "thirtieth",
}  # fmt: skip

NAME_DISTRACTORS = 16
NAME_ALIKE = 0.55  # no recogniser tells Sofia from Zofia or Park from Clark: a person who listens must
YEARS_AROUND = 2

# The words after the date; those that carry the meaning are checked against others of their length.
CONSENT = (
    ("consent", ("refuse", "object", "pretend", "forget")),
    ("to", ()),
    ("the", ()),
    ("creation", ("deletion", "protection", "rejection", "selection")),
    ("of", ()),
    ("a", ()),
    ("synthetic", ("authentic", "mechanical", "historical", "horizontal")),
    ("voice", ("house", "picture", "garden", "story")),
    ("based", ("built", "lost", "kept", "found")),
    ("on", ()),
    ("my", ()),
    ("recordings", ("intentions", "directions", "grandmother", "apartment")),
    ("to", ()),
    ("be", ()),
    ("used", ("heard", "broken", "painted", "forgotten")),
    ("by", ()),
    ("velluto", ("america", "tomorrow", "computer", "potato")),
)
DATE_SLOTS = ("on", "the", "day", "of", "month", "month", "the", "day", "year")
DATE_ROUTES = ("", *["day first"] * 4, *["month first"] * 3, "")


def new_phrase(random: Random) -> tuple[str, ...]:
    """Return five different words in random order, one of some 19 billion phrases."""
    return tuple(random.sample(WORDS, PHRASE_WORDS))


def captcha_slots(words: Sequence[str], random: Random) -> tuple[Slot, ...]:
    """Return one slot a word, each among 24 distractors that are not in the phrase."""
    others = [word for word in WORDS if word not in words]
    return tuple(Slot(word, tuple(random.sample(others, CAPTCHA_DISTRACTORS))) for word in words)


def captcha_hits(reading: Reading) -> int:
    """Return how many words of the phrase were heard in their place."""
    return sum(reading.right)


def statement_text(name: str, on: date) -> str:
    """Return the statement as it is shown to the person who reads it aloud."""
    return STATEMENT.replace("[date]", f"{on.day} {MONTHS[on.month - 1]} {on.year}").replace("[name]", name)


def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name that are read aloud, in lower case; none where it holds no letters."""
    words = re.split(r"[\s\-‐‑–.,]+", unicodedata.normalize("NFC", name).lower())
    return tuple(word for word in words if any(letter.isalpha() for letter in word))


def statement_slots(name: str, on: date, random: Random) -> tuple[Slot, ...]:
    """Return what reading the statement aloud may sound like.

    The date may be said as "the twenty-first of November", "November twenty-first" or "twenty-one November"; the year
    as "twenty twenty-six" or "two thousand and twenty-six".
    """
    names = [name_slot(word, [other for other in NAMES if other != word], random) for word in name_words(name)]
    fixed = [Slot(word, distractors) for word, distractors in CONSENT]
    return (Slot("i"), *names, *_date_slots(on), *fixed)


@dataclass(frozen=True, slots=True)
class StatementFindings:
    """What was heard of the statement: shares 0..1 of the checked words and of the words of the name."""

    words_share: float
    name_share: float
    name_right: bool
    date_right: bool


def statement_findings(reading: Reading) -> StatementFindings:
    """Return what `reading` of `statement_slots` says about the name, the date and the checked words."""
    start, end = -len(DATE_SLOTS) - len(CONSENT), -len(CONSENT)
    name = reading.right[1:start]
    parts = zip(DATE_SLOTS, reading.heard[start:end], reading.right[start:end], strict=True)
    said = [(part, right) for part, heard, right in parts if heard is not None and part in ("day", "month", "year")]
    checked = [right for right, (_, others) in zip(reading.right[end:], CONSENT, strict=True) if others]
    return StatementFindings(
        words_share=sum(checked) / len(checked),
        name_share=sum(name) / len(name) if name else 0.0,
        name_right=bool(name) and all(name),
        date_right=len(said) == 3 and all(right for _, right in said),
    )


def spoken_number(number: int) -> str:
    """Return a whole number from 1 to 99 in words."""
    return ONES[number] if number < 20 else f"{TENS[number // 10]} {ONES[number % 10]}".strip()


def spoken_ordinal(number: int) -> str:
    """Return "first" to "ninety ninth"."""
    *tens, last = spoken_number(number).split()
    return " ".join([*tens, ORDINALS.get(last, f"{last}th")])


def spoken_years(year: int) -> tuple[str, ...]:
    """Return the ways to say a year from 2001 to 2099."""
    rest = spoken_number(year % 100)
    pairs = f"twenty {rest}" if year % 100 > 9 else f"twenty oh {rest}"
    return (f"two thousand {rest}", f"two thousand and {rest}", pairs)


def name_slot(word: str, others: Sequence[str], random: Random) -> Slot:
    """Return a word of a name among many of the `others`, but for those spelt so much like it as to sound like it."""
    unlike = [name for name in others if difflib.SequenceMatcher(None, word, name).ratio() < NAME_ALIKE]
    return Slot(word, tuple(random.sample(unlike, min(NAME_DISTRACTORS, len(unlike)))))


def _date_slots(on: date) -> Iterator[Slot]:
    days = [day for day in range(1, 32) if day != on.day]
    years = [year for year in range(on.year - YEARS_AROUND, on.year + YEARS_AROUND + 1) if year != on.year]
    month = MONTHS[on.month - 1]
    year, *year_readings = spoken_years(on.year)
    slots = {
        "on": Slot("on", optional=True),
        "the": Slot("the", optional=True),
        "day": Slot(
            spoken_ordinal(on.day),
            distractors=(*map(spoken_ordinal, days), *map(spoken_number, days)),
            readings=(spoken_number(on.day),),
        ),
        "of": Slot("of", optional=True),
        "month": Slot(month.lower(), tuple(other.lower() for other in MONTHS if other != month)),
        "year": Slot(year, tuple(form for near in years for form in spoken_years(near)), tuple(year_readings)),
    }
    return (replace(slots[part], route=route) for part, route in zip(DATE_SLOTS, DATE_ROUTES, strict=True))
