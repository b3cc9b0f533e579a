"""Bring a name, in whatever script, to words of Latin letters. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from anyascii import anyascii

from moderation.names.tables import COMPOUND_SURNAMES

LATIN, FULL, BARE, HAN, KANA, HANGUL = "latin", "full", "bare", "han", "kana", "hangul"
# FULL writes its vowels (Cyrillic, Greek ...); BARE does not, or not in a way that Latin letters show.
_FULL = ("CYRILLIC", "GREEK", "GEORGIAN", "ARMENIAN")

# Letters that look like Latin ones, for words that mix scripts to look like something they are not.
_LOOKS = str.maketrans(
    "АВЕКМНОРСТУХаеорсухіјѕԁһԛԝкмтвнΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορνικτυχ",
    "ABEKMHOPCTYXaeopcyxijsdhqwkmtbhABEZHIKMNOPTYXaopviktux",  # pragma: allowlist secret
)
_DIGITS = str.maketrans("0134578@$!|€", "oleastbasile")


def _letter_by_letter(letters: str, spelt: str) -> dict[str, str]:
    return dict(zip(letters, spelt.split(), strict=True))


_GREEK = (
    ("ου", "u"), ("αι", "e"), ("ει", "i"), ("οι", "i"), ("υι", "i"), ("ευ", "ev"), ("αυ", "av"), ("μπ", "b"),
    ("ντ", "nt"), ("γκ", "gk"), ("γγ", "ng"), ("γχ", "nch"), ("τσ", "ts"), ("τζ", "tz"), ("η", "i"), ("υ", "y"),
    ("ω", "o"), ("χ", "ch"), ("φ", "f"), ("θ", "th"), ("ψ", "ps"), ("ξ", "x"),
)  # fmt: skip
_HEBREW = _letter_by_letter(
    "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    """' b g d h w z h t y k k l m m n n s ' p p ts ts k r sh t""",
)
_ARABIC = _letter_by_letter(
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأإؤئپچژگکیےڤ",
    """' b t thh jgg h kh d dzz r z s sh s dzz t dzz ' gh f q k l m n h w y y h ' ' ' ' ' ' p ch zh g k y y v""",
)
_SMALL_Y = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo", "ャ": "ya", "ュ": "yu", "ョ": "yo"}
_SMALL_VOWEL = dict(zip("ぁぃぅぇぉァィゥェォ", "aiueoaiueo", strict=True))


@dataclass(frozen=True, slots=True)
class Word:
    """A word in Latin letters, and the kind of script that it was written in."""

    letters: str
    script: str = LATIN


def words(name: str) -> list[Word]:
    """Return the words of a name in their order, in the letters a to z."""
    plain = _clean(name)
    found: list[Word] = []
    for piece in re.split(r"[\s,;/·•・‧|=_()\[\]\"“”«»„]+", plain):
        found += _piece(piece)
    if len(found) > 3 and all(len(word.letters) == 1 for word in found):  # "J o h n" hides behind spaces
        return [Word("".join(word.letters for word in found))]
    return found


def variants(name: str) -> list[list[Word]]:
    """Return the name's words, and where a nickname stands quoted or in brackets, the words with it in first place."""
    quoted = re.findall(r"[\"“”«„(\[‘]\s*([^\"“”»)\]’]{2,40}?)\s*[\"“”»)\]’]|(?<=\s)'([^']{2,40})'(?=\s|$)", name)
    inner = [first or second for first, second in quoted]
    if not inner:
        return [words(name)]
    outer = name
    for part in inner:
        outer = outer.replace(part, " ")
    base = words(re.sub(r"[\"“”«»„()\[\]‘’']", " ", outer))
    called = [words(part) for part in inner]
    return [base, *([*part, *base[1:]] for part in called), *(part for part in called if len(part) > 1)]


def _clean(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name)
    unseen = ("Cf", "Cc", "Co", "So", "Sk")
    return "".join(c for c in plain if unicodedata.category(c) not in unseen or c in "\t\n")


def _script(letter: str) -> str:
    label = unicodedata.name(letter, "")
    if label.startswith("LATIN"):
        return LATIN
    if label.startswith(_FULL):
        return FULL
    if label.startswith("CJK"):
        return HAN
    if label.startswith(("HIRAGANA", "KATAKANA")):
        return KANA
    return HANGUL if label.startswith("HANGUL") else BARE


def _piece(piece: str) -> list[Word]:
    letters = [c for c in piece if c.isalpha()]
    if not letters:
        return []
    scripts = {_script(c) for c in letters}
    if scripts == {LATIN, FULL}:  # nobody's name mixes them: somebody wants to look like another
        piece, scripts = piece.translate(_LOOKS), {LATIN}
    if scripts == {HAN} or scripts == {HANGUL}:
        return _syllables(piece, scripts.pop())
    if KANA in scripts:
        return [Word(_letters(_kana(piece)), KANA)]
    if scripts <= {LATIN}:
        return _latin(piece)
    if FULL in scripts:
        return [Word(spelt, FULL) for part in re.split(r"[-‐-―.]+", piece) if (spelt := _letters(_alphabet(part)))]
    return [Word(spelt, BARE) for part in re.split(r"[-‐-―.־]+", piece) if (spelt := _letters(_bare(part)))]


def _latin(piece: str) -> list[Word]:
    found = []
    if not re.match(r"(Mc|Mac|De|La|Le|Du|Di|Van|O)[A-Z]", piece):
        piece = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z][a-z]{2})", " ", piece)
    for part in re.split(r"[-‐-―.\s]+", piece):
        if any(c.isdigit() or c in "@$!|€" for c in part) and sum(c.isalpha() for c in part) >= 2:
            part = part.translate(_DIGITS)
        spelt = _letters(anyascii(part))
        if spelt:
            found.append(Word(spelt))
    return found


def _letters(spelt: str) -> str:
    return re.sub(r"[^a-z]", "", spelt.lower())


def _alphabet(piece: str) -> str:
    low = piece.lower()
    if any(unicodedata.name(c, "").startswith("GREEK") for c in low):
        bare = "".join(c for c in unicodedata.normalize("NFD", low) if not unicodedata.combining(c) or c == "\u0308")
        bare = re.sub("(.)\u0308", r"-\1", bare)  # a diaeresis keeps two vowels apart
        bare = re.sub("([αε])υ(?=[θκξπσςτφχψ])", r"\1f", bare)
        for greek, latin in _GREEK:
            bare = bare.replace(greek, latin)
        return anyascii(bare)
    return anyascii(low)


def _bare(piece: str) -> str:
    piece = "".join(c for c in unicodedata.normalize("NFC", piece) if c not in _POINTS)
    if any("\u0600" <= c <= "\u06ff" for c in piece):
        piece = piece if piece.startswith("الله") else re.sub(r"^(و?ال)(?=\w{3,})", "", piece)
        return "".join(_ARABIC.get(c, anyascii(c)) for c in piece)
    if any("\u0590" <= c <= "\u05ff" for c in piece):
        return "".join(_HEBREW.get(c, "") for c in piece)
    return re.sub(r"m(?=[dgktj])", "n", anyascii(piece).lower())  # a dot above writes the nasal of whatever follows


_POINTS = frozenset(chr(c) for c in (*range(0x0591, 0x05C8), *range(0x064B, 0x0660), 0x0670, 0x0640))


def _kana(piece: str) -> str:
    spelt = ""
    for c in piece:
        if c in _SMALL_Y and spelt.endswith("i"):
            stem = spelt[:-1]
            spelt = stem + (_SMALL_Y[c][1:] if stem.endswith(("sh", "ch", "j")) else _SMALL_Y[c])
        elif c in _SMALL_VOWEL and spelt:
            spelt = re.sub(r"[aiueo]$", "", spelt) + _SMALL_VOWEL[c]
        elif c in "っッ":
            spelt += "*"
        elif c == "ー":
            continue
        else:
            one = anyascii(c).lower()
            spelt = (
                spelt[:-1] + ("t" if one.startswith("ch") else one[:1]) + one if spelt.endswith("*") else spelt + one
            )
    return spelt.replace("*", "")


def _syllables(piece: str, script: str) -> list[Word]:
    """Return surname and given name of a name written in one piece; a short piece is one of the two."""
    spelt = [_letters(anyascii(c)) for c in piece if c.isalpha()]
    letters = "".join(c for c in piece if c.isalpha())
    if len(spelt) == 1 or len(spelt) > 4:
        return [Word("".join(spelt), script)]
    cut = 2 if letters[:2] in COMPOUND_SURNAMES and len(letters) > 2 else 1
    return [Word("".join(spelt[:cut]), script), Word("".join(spelt[cut:]), script)]
