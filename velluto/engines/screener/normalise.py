"""See through disguised writing: read a script as a listener would hear it, and know where each letter came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass

# Letters that look like Latin ones, and the other way round. What looks like nothing is left alone.
TO_LATIN = dict(
    zip(
        "авсеһіјкмнорԛѕтухԁԝгьαβεηικνορτυχωγϲսոօхѵꮯ",
        "abcehijkmhopqstyxdwrbabenikvoptuxwycunoxvc",
        strict=True,
    )
)
TO_CYRILLIC = dict(zip("abcehijkmnopstyxru3", "авсеһијкмпорѕтухгиз", strict=True)) | {"b": "ь", "i": "и", "s": "с"}
LEET = {"0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "!": "i"}
LOOKS_LIKE = {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "’": "'", "‘": "'", "ʼ": "'"}
INVISIBLE = {"Cf", "Mn", "Me", "Cc"}
WORD = re.compile(r"[\w@$!']*\w[\w@$']*(?:-\w+)*")
SPACED = re.compile(r"(?<![\w'])[^\W_](?:(?P<gap>[ .\-_*·]{1,2})[^\W_])(?:(?P=gap)[^\W_])+(?![\w'])")
REPEATED = re.compile(r"(\w)\1{2,}")
MIXED_LEET = re.compile(r"(?=.*[^\W\d_])(?=.*[\d@$!])")
NO_LEET = re.compile(
    r"\d+(?:st|nd|rd|th|s|am|pm|k|m|km|kg|g|cm|mm|x|h|min|er|e|o|a|%)?$|[a-z]{1,3}-?\d+$|mp[34]$|covid-?\d+$"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is understood; where it stood (start, end) in the original; how it began there."""

    text: str
    start: int
    end: int
    capital: bool = False
    disguised: bool = False


def fold(text: str) -> str:
    """Return small letters without accents; for lexicons, which know no disguises."""
    return "".join(letter for letter, _ in _letters(text))


def words(text: str, known: Container[str]) -> list[Word]:
    """Return the words of a script, its disguises undone where that makes words that are `known`."""
    letters = _letters(text)
    plain = "".join(letter for letter, _ in letters)
    home = [place for _, place in letters] + [len(text)]
    cyrillic = _is_cyrillic(plain)
    found: list[Word] = []
    at = 0
    for spaced in SPACED.finditer(plain):
        found += _ordinary(plain[at : spaced.start()], at, home, text, known, cyrillic)
        found += _joined(plain, spaced, home, known, cyrillic)
        at = spaced.end()
    return found + _ordinary(plain[at:], at, home, text, known, cyrillic)


def _letters(text: str) -> list[tuple[str, int]]:
    """Return folded letters with the place each came from; what is invisible is gone."""
    found = []
    for place, sign in enumerate(text):
        for part in unicodedata.normalize("NFKD", sign).lower():
            if unicodedata.category(part) in INVISIBLE and part != "\n":
                continue
            found += [(letter, place) for letter in LOOKS_LIKE.get(part, part)]
    return found


def _is_cyrillic(plain: str) -> bool:
    count = sum("Ѐ" <= letter <= "ӿ" and letter not in TO_LATIN for letter in plain)
    return count > sum("a" <= letter <= "z" and letter not in TO_CYRILLIC for letter in plain)


def _ordinary(part: str, offset: int, home: list[int], text: str, known: Container[str], cyrillic: bool) -> list[Word]:
    found = []
    for match in WORD.finditer(part):
        raw = match[0]
        start, end = home[offset + match.start()], home[offset + match.end() - 1] + 1
        plain, disguised = _undisguised(raw, known, cyrillic)
        hidden = end - start > len(raw) and any(
            unicodedata.category(sign) in {"Cf", "Cc"} and sign != "­" for sign in text[start + 1 : end - 1]
        )
        found.append(Word(plain, start, end, text[start].isupper(), disguised or hidden))
    return found


def _undisguised(raw: str, known: Container[str], cyrillic: bool) -> tuple[str, bool]:
    """Return the word meant, and whether it was disguised."""
    word = _one_script(raw, cyrillic)
    disguised = word != raw and not raw.isascii() and _mixes(raw, cyrillic)
    if MIXED_LEET.match(word) and not NO_LEET.match(word):
        meant = _from_leet(word, known)
        disguised = disguised or meant != word
        word = meant
    word = word.strip("!@$'") if not word.isalnum() else word
    if REPEATED.search(word):
        twice, once = REPEATED.sub(r"\1\1", word), REPEATED.sub(r"\1", word)
        word = twice if twice in known else once
    return word, disguised


def _one_script(word: str, cyrillic: bool) -> str:
    """Return the word in one script: that of its letters which have no double, else that of the script as a whole."""
    if word.isascii() and not cyrillic:
        return word
    own_cyrillic = any("Ѐ" <= letter <= "ӿ" and letter not in TO_LATIN for letter in word)
    own_latin = any("a" <= letter <= "z" and letter not in TO_CYRILLIC for letter in word)
    if own_cyrillic or (cyrillic and not own_latin and not word.isascii()):
        return "".join(TO_CYRILLIC.get(letter, letter) for letter in word)
    if own_latin or not cyrillic:
        return "".join(TO_LATIN.get(letter, letter) for letter in word)
    return word


def _mixes(raw: str, cyrillic: bool) -> bool:
    latin = any("a" <= letter <= "z" for letter in raw)
    other = any("Ѐ" <= letter <= "ӿ" or "α" <= letter <= "ω" or letter in "օսոѵꮯ" for letter in raw)
    return (latin and other) or (other and not cyrillic and all(letter in TO_LATIN for letter in raw))


def _from_leet(word: str, known: Container[str]) -> str:
    """Return what a word with figures for letters means: known words first; else only figures inside count."""
    readings = [""]
    for letter in word:
        readings = [head + other for head in readings for other in LEET.get(letter, letter)][:16]
    for reading in readings:
        if reading.strip("'") in known or reading.removesuffix("'s") in known:
            return reading
    inner = re.search(r"[^\W\d_][\d@$!]+[^\W\d_]", word)
    return readings[0] if inner and sum(letter.isalpha() for letter in word) >= 2 else word


def _joined(plain: str, spaced: re.Match[str], home: list[int], known: Container[str], cyrillic: bool) -> list[Word]:
    """Return the words that letters set apart spell; the first or last letter may be a word of its own."""
    places = [place for place in range(spaced.start(), spaced.end()) if plain[place].isalnum()]
    spelt = "".join(plain[place] for place in places)
    spelt = _undisguised(spelt, known, cyrillic)[0] if not spelt.isdigit() else spelt
    if len(spelt) != len(places):
        return [Word(spelt, home[places[0]], home[places[-1]] + 1, disguised=spelt in known)]
    found, at = [], 0
    for size in _cut(spelt, known):
        part = spelt[at : at + size]
        first, last = places[at], places[at + size - 1]
        found.append(Word(part, home[first], home[last] + 1, disguised=size > 2 and part in known))
        at += size
    return found


def _cut(spelt: str, known: Container[str]) -> list[int]:
    """Return the sizes of the fewest known words that spell it; one word where there are none."""
    best: list[list[int] | None] = [[]] + [None] * len(spelt)
    for end in range(1, len(spelt) + 1):
        for start in range(max(0, end - 20), end):
            head = best[start]
            part = spelt[start:end]
            if head is not None and (part in known if len(part) > 1 else part in "aiуияв"):
                tail = best[end]
                if tail is None or len(head) + 1 < len(tail):
                    best[end] = [*head, len(part)]
    return best[-1] or [len(spelt)]
