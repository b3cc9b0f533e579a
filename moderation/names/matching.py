"""Tell whether two names may be one person's, however each is written. Pure.

Names meet word by word, in any order. Words are one where a reading of theirs is (see `sound`); one of them may also
differ by a slip of the pen. What is left over must be something that people leave out of a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from rapidfuzz.distance import OSA

from moderation.names import sound, writing
from moderation.names.tables import DIFFERENT, LEADING, PARTICLES, SHORT, SOMETIMES, SURNAMES, TITLES
from moderation.names.writing import BARE, FULL, HAN, HANGUL, KANA, LATIN, Word

MOST_WORDS = 7
SCORE_HELD = 0.8
_EASTERN = (HAN, HANGUL)
_SYLLABLE = re.compile(
    r"(?:[zcs]h|t[sz]|hs|ss|[kghmby][wy]|[bpmfdtnlgkhjqxrzcsyw])?[aeiouyw]{1,4}(?:ng|rk|[nrkmlpth])?"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a name that counts."""

    word: Word
    keys: frozenset[str]
    plain: frozenset[str]

    @property
    def letters(self) -> str:
        return self.word.letters

    @property
    def is_initial(self) -> bool:
        return len(self.letters) == 1 and self.word.script not in (HAN, HANGUL)


@dataclass(frozen=True, slots=True)
class Name:
    """A name made ready to be compared: its parts, each way that they may be meant, and what it may be found by."""

    ways: tuple[tuple[Part, ...], ...]
    keys: frozenset[str]


@lru_cache(maxsize=100_000)
def _part(word: Word) -> Part:
    return Part(word, sound.keys(word), sound.readings(word.letters))


@lru_cache(maxsize=50_000)
def prepare(name: str) -> Name:
    """Return the name ready to be compared; a name without letters can be compared with none."""
    ways = []
    for found in writing.variants(name):
        for meant in _meant(found):
            parts = tuple(_part(word) for word in meant)[:MOST_WORDS]
            if parts and parts not in ways:
                ways.append(parts)
    keys = {key for way in ways for part in way if not part.is_initial for key in part.keys}
    keys |= {f"w:{key}" for way in ways for one in _wholes(way) for key in one}
    return Name(tuple(ways), frozenset(keys))


def similarity(listed: str, declared: str) -> float:
    """Return from 0 to 1 how likely two names are one person's; from SCORE_HELD on a sample is held."""
    return compare(prepare(listed), prepare(declared))


def compare(one: Name, other: Name) -> float:
    """Return what `similarity` does, of names that were made ready."""
    return max((_compare(a, b) for a in one.ways for b in other.ways), default=0.0)


# ---------------------------------------------------------------------------------------------------- the words


def _core(found: list[Word]) -> list[Word]:
    """Leave out titles and particles; where nothing else is left, they are the name."""
    joined: list[Word] = []
    for word in found:
        if joined and joined[-1].letters in ("o", "mc", "mac", "fitz") and word.script == LATIN:
            joined[-1] = Word(joined[-1].letters + word.letters)
        else:
            joined.append(word)
    kept = _servants([word for word in joined if word.script != LATIN or word.letters not in TITLES])
    if len(kept) > 2 and kept[0].letters in LEADING:
        kept = kept[1:]
    last = len(kept) - 1
    core = [
        word
        for index, word in enumerate(kept)
        if word.letters not in (PARTICLES if word.script != BARE else ("bn", "bt", "br") if 0 < index < last else ())
        and not (word.letters in SOMETIMES and 0 < index < last and len(kept) > 2)
        and not (word.letters in ("al", "el", "ben", "bin", "ibn", "bar") and index == 0 and len(kept) > 2)
    ]
    return core or kept or found


def _servants(found: list[Word]) -> list[Word]:
    """Write names like Abd al-Rahman, Abdul Rahman and Abdelrahman in one way."""
    kept: list[Word] = []
    pending = ""
    for word in found:
        letters = word.letters
        if letters in ("abd", "abdul", "abdel", "abdal", "abdur", "bd"):
            pending = "bd" if word.script == BARE else "abd"
            continue
        if pending and letters in ("al", "el", "ul", "ar", "ur"):
            continue
        if word.script == LATIN and (whole := re.fullmatch(r"abd(?:[aeu][lrsnztd]h?)?([a-z]{3,})", letters)):
            letters = "abd" + whole[1]
        kept.append(Word(pending + letters, word.script))
        pending = ""
    return kept or found


def _glued(found: list[Word]) -> list[Word]:
    """Write particles and the name behind them as one word: "De Groeneveld" is "Degroeneveld" elsewhere."""
    glued: list[Word] = []
    before = ""
    for word in found:
        if glued and word.script == LATIN and (word.letters in PARTICLES or word.letters in SOMETIMES):
            before += word.letters
        else:
            glued.append(Word(before + word.letters, word.script))
            before = ""
    return [word for word in glued if word.letters not in TITLES]


def _meant(found: list[Word]) -> list[list[Word]]:
    """Return the ways in which the words of a name may be meant.

    Three syllables may be a Chinese or Korean name: the family name, and a given name that is one word elsewhere.
    """
    core, glued = _core(found), _glued(found)
    if len(core) == 1 < len(found):  # "Captain Nebula" is a name as it stands
        return [core, glued, found]
    if len(found) != 3 or any(word.script != LATIN or not _SYLLABLE.fullmatch(word.letters) for word in found):
        return [core, glued]
    first, second, third = found
    ways = [[first, Word(second.letters + third.letters)], [third, Word(first.letters + second.letters)]]
    return ways if first.letters in SURNAMES or third.letters in SURNAMES else [core, glued, *ways]


def _is_eastern(way: tuple[Part, ...]) -> bool:
    ends = (way[0], way[-1])
    return any(part.word.script in _EASTERN or part.letters in SURNAMES for part in ends)


def _wholes(way: tuple[Part, ...]) -> tuple[frozenset[str], ...]:
    """Return the readings of the name written in one word, family name first or last."""
    words = [part.letters for part in way]
    if len(words) > 4:
        return ()
    orders = {tuple(words), (*words[1:], words[0]), (*words[-1:], *words[:-1])}
    script = BARE if any(part.word.script == BARE for part in way) else way[0].word.script
    found = []
    for order in orders:
        whole = "".join(order)
        keys = set(sound.readings(whole))
        if script in (BARE, LATIN):
            keys |= {"b:" + one for one in sound.bones(whole) if len(one) >= 5}
        if script in (KANA, LATIN):
            keys |= {"e:" + one for one in sound.eastern(whole) if len(one) >= 5}
        if script in (HAN, HANGUL, LATIN):
            keys |= {"k:" + one for one in sound.korean(whole)}
        found.append(frozenset(keys))
    return tuple(found)


# ---------------------------------------------------------------------------------------------------- comparing


def _compare(a: tuple[Part, ...], b: tuple[Part, ...]) -> float:
    if len(a) > len(b):
        a, b = b, a
    if not a:
        return 0.0
    if _same_whole(a, b):
        return 0.95
    if len(a) == 1 and len(b) > 1:
        return 0.0
    eastern = _is_eastern(a) and _is_eastern(b)
    best = min((_sum(a, chosen, eastern) for chosen in _assignments(a, b)), default=9.0)
    left = len(b) - len(a)
    return 1.0 - 0.12 * best - 0.02 * left if best <= _allowed(a) else 0.0


def _same_whole(a: tuple[Part, ...], b: tuple[Part, ...]) -> bool:
    """Tell whether two names are one once the spaces are gone: "Mao Zedong", "Zedong Mao", "Mao Ze-dong"."""
    if sum(len(part.letters) for part in a) < 5 and len(a) == len(b):
        return False
    scripts = {part.word.script for part in (*a, *b)}
    for one in _wholes(a):
        for other in _wholes(b):
            for key in one & other:
                if key[1:2] != ":":
                    if len(a) != len(b):
                        return True
                elif (
                    (key[0] == "b" and BARE in scripts and len(scripts) > 1)
                    or (key[0] == "e" and KANA in scripts and len(scripts) > 1)
                    or (key[0] == "k" and scripts & set(_EASTERN))
                ):
                    return True
    return False


def _allowed(parts: tuple[Part, ...]) -> float:
    """Return how far apart spellings may be: short names have no room for slips of the pen."""
    letters = sum(len(part.letters) for part in parts)
    return 1.0 if letters >= 10 else 0.5 if letters >= 7 else 0.0


def _assignments(a: tuple[Part, ...], b: tuple[Part, ...]) -> list[tuple[Part, ...]]:
    """Return the ways to give each part of the shorter name one of the longer; what is left over may be left out."""
    if len(b) - len(a) > 3:
        return []
    return [chosen for chosen in permutations(b, len(a)) if _fits(a, b, chosen)]


def _fits(a: tuple[Part, ...], b: tuple[Part, ...], chosen: tuple[Part, ...]) -> bool:
    """Two words must meet in full, or one and the initials beside it; the words left over may be middle names."""
    pairs = list(zip(a, chosen, strict=True))
    full = sum(not (x.is_initial or y.is_initial) for x, y in pairs)
    if not full:
        return False
    left = [part for part in b if part not in chosen]
    if left and full == 1:  # "J. Hartley" is "John Robert Hartley", but not "Anna John Hartley"
        return b[0] in chosen and b[-1] in chosen
    return not left or b[0] in chosen or len(a) >= 2


def _sum(a: tuple[Part, ...], b: tuple[Part, ...], eastern: bool) -> float:
    total = 0.0
    for x, y in zip(a, b, strict=True):
        cost = _cost(x, y, eastern)
        total += cost
        if total > 1.0:
            return 9.0
    return total


def _cost(x: Part, y: Part, eastern: bool) -> float:
    """Return 0 where two words are one name, up to 1 where a slip of the pen may lie between them, and 9 otherwise."""
    if x.is_initial or y.is_initial:
        return 0.0 if x.letters[0] == y.letters[0] else 9.0
    scripts = {x.word.script, y.word.script}
    if x.letters == y.letters:
        return 0.0
    if y.letters in DIFFERENT.get(x.letters, ()):
        return 9.0
    found = 9.0
    for key in x.keys & y.keys:
        kind = key[:2]
        if kind == "b:":
            if BARE in scripts and len(scripts) > 1:
                return 0.0
            if scripts == {FULL, LATIN} and len(key) > 4:
                found = 0.3
        elif kind == "e:":
            if KANA in scripts and len(scripts) > 1:
                return 0.0
        elif kind == "k:":
            if eastern or scripts & set(_EASTERN):
                return 0.0
        elif key[0] in "=@" or not _other_sex(x.letters, y.letters):
            return 0.0
    if found < 1 or eastern or scripts & {BARE, KANA, HAN, HANGUL}:
        return found
    return _slip(x, y)


def _other_sex(x: str, y: str) -> bool:
    """Tell whether two words differ as a man's and a woman's given name do; a Slavic family name may."""
    if len(x) > len(y):
        x, y = y, x
    if y in (x + "a", x + "ia", x + "ina", x + "ine", x + "ette", x + "le", x + "nie"):
        return not re.search(r"(ov|ev|sk|ck|in|yn)$", x)
    if x[:-1] == y[:-1] and {x[-1], y[-1]} in ({"a", "o"}, {"a", "e"}, {"a", "u"}):
        return True
    return (x[:-2] + "a" == y and x.endswith("us")) or (x[:-2] + "ra" == y and x.endswith("er"))


def _slip(x: Part, y: Part) -> float:
    short = min(len(x.letters), len(y.letters))
    if short < 5 or _other_sex(x.letters, y.letters) or (x.letters in SHORT and y.letters in SHORT):
        return 9.0
    if _slavic_pair(x.letters, y.letters):
        return 0.0
    nearest = min((OSA.distance(one, other, score_cutoff=2) for one in x.plain for other in y.plain), default=9)
    slipped = OSA.distance(x.letters, y.letters, score_cutoff=2)
    nearest = min(nearest, slipped)
    same_bones = bool(sound.bones(x.letters) & sound.bones(y.letters))
    if same_bones and nearest <= (1 if short < 8 else 2):
        return 0.5
    if slipped == 1 and short >= 6 and x.letters[0] == y.letters[0]:
        return 1.0
    return 9.0


def _slavic_pair(x: str, y: str) -> bool:
    """Tell whether two words are a man's and a woman's form of one Slavic family name."""
    if len(x) > len(y):
        x, y = y, x
    stem = re.sub(r"(skii|skiy|skij|sky|ski|skyi)$", "sk", x)
    hers = re.sub(r"(skaya|skaia|skaja|ska)$", "sk", y)
    if stem != x and hers != y and stem == hers:
        return True
    return bool(re.search(r"(ov|ev|in|yn)$", x) and y == x + "a") or (
        len(x) > 3 and y == re.sub(r"(e?k|a|y|e)$", lambda m: "k" if "k" in m.group() else "", x) + "ova"
    )
