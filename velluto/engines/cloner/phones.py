"""The phones that units are kept under, and how eSpeak NG's IPA maps onto them.

The inventory is that of the CMU dictionary (what PocketSphinx aligns with) plus silence. Symbols of other languages go
to the nearest phone by place and manner of articulation: the wanted envelope still comes from eSpeak's own sound, so
the phone only says which of the speaker's units may carry it.
"""

from __future__ import annotations

import unicodedata

SILENCE = "SIL"

CLASSES: dict[str, str] = {
    phone: name
    for name, members in {
        "unvoiced stop": "P T K",
        "voiced stop": "B D G",
        "unvoiced fricative": "F TH S SH HH CH",
        "voiced fricative": "V DH Z ZH JH",
        "nasal": "M N NG",
        "liquid": "L R W Y",
        "front vowel": "IY IH EH AE EY",
        "other vowel": "AA AO UH UW AH ER OW AY AW OY",
        "silence": SILENCE,
    }.items()
    for phone in members.split()
}
PHONES: tuple[str, ...] = tuple(sorted(CLASSES))
INDEX: dict[str, int] = {phone: index for index, phone in enumerate(PHONES)}
_ALWAYS_VOICED = ("nasal", "liquid", "front vowel", "other vowel")
VOICED = tuple(CLASSES[phone] in _ALWAYS_VOICED for phone in PHONES)  # by phone index
VOWELS = frozenset(phone for phone, name in CLASSES.items() if name.endswith("vowel"))

# Which phones may stand in for one another in unit selection, nearest first.
_SUBSTITUTES = {
    "AA": "AO AH", "AE": "EH", "AH": "IH EH", "AO": "AA OW", "AW": "AA AE", "AY": "AA AH", "B": "D P", "CH": "SH T",
    "D": "T", "DH": "D V TH", "EH": "AE IH", "ER": "R AH", "EY": "EH IY", "F": "TH S", "G": "K D", "HH": "AH F",
    "IH": "IY EH AH", "IY": "IH", "JH": "CH ZH D", "K": "T G", "L": "R W", "M": "N", "N": "M NG", "NG": "N M",
    "OW": "AO UH", "OY": "AO OW", "P": "T K B", "R": "ER", "S": "Z", "SH": "S CH", "T": "D K", "TH": "F DH S",
    "UH": "AH UW", "UW": "UH IH", "V": "F DH", "W": "UW OW L", "Y": "IY", "Z": "S", "ZH": "JH SH Z",
}  # fmt: skip
SUBSTITUTES: dict[str, tuple[str, ...]] = {phone: tuple(others.split()) for phone, others in _SUBSTITUTES.items()}

_IPA = {
    # vowels
    "i": "IY", "ɪ": "IH", "ᵻ": "IH", "ɨ": "IH", "y": "UW", "ʏ": "UH", "e": "EH", "ɛ": "EH", "ø": "UH", "œ": "EH",
    "ε": "EH", "A": "AA",  # so eSpeak NG writes them in Danish and Irish
    "æ": "AE", "a": "AA", "ɑ": "AA", "ɒ": "AA", "ɶ": "AE", "ɔ": "AO", "o": "AO", "ɵ": "UH", "ʊ": "UH", "u": "UW",
    "ʉ": "UW", "ɯ": "UH", "ɤ": "AH", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ɘ": "AH", "ɜ": "ER", "ɞ": "AH", "ɚ": "ER",
    "ɝ": "ER", "oʊ": "OW", "əʊ": "OW", "eɪ": "EY", "aɪ": "AY", "aʊ": "AW", "ɔɪ": "OY", "aɪɚ": "AY ER",
    "aɪə": "AY AH", "iə": "IY AH",
    # consonants
    "p": "P", "b": "B", "ɓ": "B", "t": "T", "ʈ": "T", "d": "D", "ɗ": "D", "ɖ": "D", "k": "K", "q": "K", "c": "K",
    "ɡ": "G", "g": "G", "ɠ": "G", "ɢ": "G", "ɟ": "JH", "ʄ": "JH", "ʔ": "T", "tʃ": "CH", "dʒ": "JH", "tɕ": "CH",
    "dʑ": "JH", "tʂ": "CH", "dʐ": "JH", "ts": "T S", "dz": "D Z", "pf": "P F", "f": "F", "ɸ": "F", "v": "V",
    "β": "V", "ʋ": "V", "θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʂ": "SH", "ɕ": "SH", "ç": "SH",
    "ɬ": "SH", "ʒ": "ZH", "ʐ": "ZH", "ʑ": "ZH", "ʝ": "ZH", "h": "HH", "ɦ": "HH", "x": "HH", "χ": "HH", "ħ": "HH",
    "ɣ": "G", "ʁ": "R", "ʀ": "R", "ʕ": "AA", "m": "M", "ɱ": "M", "n": "N", "ɳ": "N", "ɲ": "N Y", "ŋ": "NG",
    "ɴ": "NG", "l": "L", "ɫ": "L", "ɭ": "L", "ɮ": "L", "ʟ": "L", "ʎ": "L Y", "r": "R", "ɹ": "R", "ɻ": "R",
    "ɽ": "R", "ɾ": "D", "j": "Y", "ɥ": "Y", "w": "W", "ʍ": "W", "ɰ": "W",
}  # fmt: skip
_LONGEST = max(len(symbol) for symbol in _IPA)
_LETTERS = frozenset("".join(_IPA))
_MARKS = ("Mn", "Lm")  # accents, length, stress
_NO_SOUND = "ˈˌː_: "


def from_ipa(symbols: str) -> tuple[str, ...]:
    """Return the phones of one eSpeak IPA name: silence for a pause, none for a mark such as `ʲ` that stands alone."""
    if not symbols.strip(_NO_SOUND):
        return (SILENCE,)
    letters = (letter if letter in _LETTERS else unicodedata.normalize("NFD", letter) for letter in symbols)
    bare = "".join(letter for letter in "".join(letters) if unicodedata.category(letter) not in _MARKS)
    found: list[str] = []
    at = 0
    while at < len(bare):
        for length in range(_LONGEST, 0, -1):
            phones = _IPA.get(bare[at : at + length])
            if phones is not None:
                found.extend(phones.split())
                at += length
                break
        else:
            at += 1
    return tuple(found)
