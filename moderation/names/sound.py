"""Reduce a word to how it may sound, whoever wrote it down. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from moderation.names.tables import SHORT, SURNAMES
from moderation.names.writing import BARE, FULL, HAN, HANGUL, KANA, LATIN, Word

# What some Arabic letters are written as; the marks stand for the letters in `writing`.
AMBIGUOUS = {"dzz": ("d", "s"), "thh": ("t", "s"), "jgg": ("j", "k")}
MOST = 24  # readings of one word

# Each rule is a pattern and what it may stand for. S, C and Z are sh, ch and zh; s and z are one.
_RULES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), readings)
    for pattern, readings in (
        (r"^h(?=[nrl])", ("h", "g")),
        (r"rz", ("rs", "Z")),
        (r"^mp", ("b",)),
        (r"^nt", ("d",)),
        (r"^hu(?=[jkmnsyt][aiueo])", ("hu", "fu")),
        (r"^mac(?=[bcdfgklmnpqrstvzhw])", ("mc",)),
        (r"schtsch|sjtsj|stsj|shch|sc(?=h[^aeiouy])|shh", ("S",)),
        (r"tzsch|tsch|tsj|tch|tsh|dsch", ("C",)),
        (r"sch", ("S", "sk", "Z")),
        (r"sh|sj", ("S",)),
        (r"sz", ("s", "S")),
        (r"dzh|dj|zh", ("Z",)),
        (r"cz|cs", ("C",)),
        (r"ch", ("C", "h", "k", "S")),
        (r"kh", ("h", "k")),
        (r"gh", ("g", "")),
        (r"ph", ("f",)),
        (r"th", ("t",)),
        (r"dh", ("d",)),
        (r"bh", ("b",)),
        (r"qu?", ("k",)),
        (r"ck|cc(?=[aou])", ("k",)),
        (r"tz|ts|zz", ("s",)),
        (r"c(?=[eiy])", ("s", "C")),
        (r"c", ("k", "s")),
        (r"x", ("ks", "h")),
        (r"z", ("s",)),
        (r"gk", ("g",)),
        (r"o(?:ff|w)$", ("ov",)),
        (r"e(?:ff|w)$", ("ev",)),
        (r"w", ("v",)),
        (r"(?:iy|yy|ij|yj|ii|yi|y)$", ("i",)),
        (r"j(?=[aeou])", ("i", "Z", "h")),
        (r"j", ("i", "Z")),
        (r"g(?=[eiy])", ("g", "Z")),
        (r"y", ("i",)),
        (r"ee", ("i",)),
        (r"oo", ("u", "o")),
        (r"ou", ("u", "o")),
        (r"eo", ("eo", "u")),
        (r"eu", ("u", "oi", "e")),
        (r"ue", ("u", "ue")),
        (r"oe", ("o", "oe")),
        (r"ae", ("e", "a")),
        (r"(?<=[^aeiou])i(?=e)", ("",)),
        (r"^ie", ("e",)),
        (r"(?<=[aou])i(?=e)", ("",)),
        (r"[ae]i", ("e", "ai", "i")),
        (r"io", ("io", "o")),
        (r"(?<=[aeiou])h(?![aeiou])", ("",)),
        (r"(?<=[bdgptkrmnl])h", ("",)),
        (r"(.)\1", (r"\1",)),
        (r"(?<=[^aeiou]{1})e$", ("",)),
    )
)


@lru_cache(maxsize=200_000)
def readings(letters: str) -> frozenset[str]:
    """Return the ways in which a word may be read, so that spellings of one name have one in common."""
    found = {letters}
    for pattern, stands_for in _RULES:
        if any(pattern.search(one) for one in found):
            found = {pattern.sub(to, one) for one in found for to in stands_for}
            if len(found) > MOST:
                found = set(sorted(found)[:MOST])
    return frozenset(found)


@lru_cache(maxsize=200_000)
def bones(letters: str) -> frozenset[str]:
    """Return a word's consonants, in classes that survive scripts without vowels; several where one may be a vowel."""
    for mark, sounds in AMBIGUOUS.items():
        if mark in letters:
            return frozenset(one for sound in sounds for one in bones(letters.replace(mark, sound)))
    once = re.sub(r"(.)\1+", r"\1", letters)  # Arabic does not write a doubled letter, Devanagari leaves out the vowel
    return frozenset(one for plain in {letters, once} for one in _bones(plain))


def _bones(plain: str) -> set[str]:
    for pattern, to in (
        (r"dzh", "j"), (r"sch|sh|tch|ch(?=[aeiou]?s)", "s"), (r"kh|gh|ck|qu?", "k"), (r"ph", "f"),
        (r"th", "t"), (r"dh", "d"), (r"bh", "b"), (r"tz|ts|z|c(?=[eiy])", "s"), (r"x", "ks"), (r"c(?!h)|g", "k"),
        (r"zh", "j"), (r"p|f", "b"),
    ):  # fmt: skip
        plain = re.sub(pattern, to, plain)
    found = set()
    for ch in ("k", "h", "s") if "ch" in plain else ("",):
        one = plain.replace("ch", ch)
        for soft in (True, False):  # w, y and v may be vowels, or the sound itself
            kept = re.sub(r"[wy]" if soft else r"(?<!^)y", "", one).replace("w", "v")
            kept = re.sub(r"[aeiou']", "", kept).replace("v", "b")
            found.add(kept)
            found.add(re.sub(r"h$", "", kept))
            found.add(kept[:1] + kept[1:].replace("h", ""))
    return {one for one in found if one}


@lru_cache(maxsize=100_000)
def eastern(letters: str) -> frozenset[str]:
    """Return how a word sounds when kana had to write it: l is r, v is b, th is s, and vowels fill the gaps."""
    if "th" in letters or "ts" in letters:
        ways = {letters.replace("th", th).replace("ts", ts) for th in ("s", "t") for ts in ("s", "t*s")}
        return frozenset(one for way in ways for one in eastern(way))
    plain = letters.replace("*", "")
    plain = re.sub(r"l", "r", plain)
    plain = re.sub(r"v", "b", plain)
    plain = re.sub(r"ph|hu(?=[aeiou])", "f", plain)
    plain = re.sub(r"sh|tz|tch|z|c(?=[eiy])", "s", plain)
    plain = re.sub(r"ck|c(?!h)|qu?", "k", plain)
    plain = re.sub(r"dj|g(?=[ei])", "j", plain)
    plain = re.sub(r"x", "ks", plain)
    plain = re.sub(r"(.)\1+", r"\1", plain)
    found = set()
    for ch in ("k", "s") if "ch" in plain else ("",):
        for r in ("r", ""):  # an r or l that ends a syllable is a long vowel there
            one = re.sub(r"r(?![aeiouy])", r, plain.replace("ch", ch))
            for h in ("h", ""):
                kept = re.sub(r"[aeiouyw']", "", one).replace("h", h)
                found.add(re.sub(r"m(?=[bp])", "n", kept))
    return frozenset(one for one in found if one)


def keys(word: Word) -> frozenset[str]:
    """Return all that a word may be found by: its readings, what it is short for, its consonants where they must do."""
    letters = word.letters
    found = set(readings(letters))
    if word.script == FULL:  # a Ukrainian h is a Russian g; a Greek g before a soft vowel is a y
        found |= readings(letters.replace("g", "h")) | readings(re.sub(r"gi(?=[aoe])", "y", letters))
    found |= SHORT.get(letters, frozenset())
    if word.script in (LATIN, HAN, HANGUL):
        found |= SURNAMES.get(letters, frozenset())
    if word.script in (LATIN, FULL, BARE):
        found |= {"b:" + one for one in bones(letters) if len(one) > 1}
    if word.script in (LATIN, KANA):
        found |= {"e:" + one for one in eastern(letters) if len(one) > 1 or len(letters) <= 4}
    if word.script in (LATIN, HANGUL, HAN):
        found |= {"k:" + one for one in korean(letters)}
    return frozenset(found)


@lru_cache(maxsize=100_000)
def korean(letters: str) -> frozenset[str]:
    """Return how a word of Korean or Chinese syllables sounds, whichever romanisation wrote it."""
    found = set()
    for plain in {letters, letters.replace("ui", "i"), letters.replace("eo", "o")}:
        found |= _korean(plain)
    return frozenset(found)


def _korean(plain: str) -> set[str]:
    for pattern, to in (
        (r"eh", "e"), (r"tzu|tsu", "ji"), (r"s[sz]u", "si"), (r"woo|wu", "u"),
        (r"weo|wo|ueo", "wo"), (r"yeo|you|yu", "yu"), (r"eo|eu|oo|ou", "u"), (r"ae|ay|ai", "e"), (r"ee|ih", "i"),
        (r"oh$", "o"), (r"ah$", "a"), (r"uh$", "u"),
        (r"hs|x|sh|sz", "s"), (r"zh|ch|j|q|tz|ts|c|z", "j"), (r"k|g", "g"), (r"t|d", "d"), (r"p|b", "b"), (r"l|r", "r"),
        (r"ng", "N"), (r"uN", "oN"), (r"ie(?=n)", "ia"), (r"ien", "ian"), (r"ui", "uei"), (r"iu", "iou"),
        (r"(.)\1", r"\1"),
    ):  # fmt: skip
        plain = re.sub(pattern, to, plain)
    return {plain, re.sub(r"^y(?=i|u|o)", "", plain)}
