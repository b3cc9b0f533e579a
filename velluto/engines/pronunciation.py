"""How a word or name is said, in the 39 phones of the CMU dictionary (ARPAbet without stress).

eSpeak NG reads the word, in the language its script suggests, and its IPA is mapped onto the nearest American English
phones: what an English recogniser can expect of a name it has never seen.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby

from velluto.engines.espeak import NothingToSay, say_with_phones

# Which eSpeak NG voice reads a script, by the first word of its letters' Unicode names.
VOICES = {
    "ARABIC": "ar",
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "cmn",
    "CYRILLIC": "ru",
    "DEVANAGARI": "hi",
    "ETHIOPIC": "am",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KANNADA": "kn",
    "KATAKANA": "ja",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
}
# Latin letters have two readings: as an English speaker reads them, and with the plain vowels of most other languages.
LATIN = ("en-us", "it")

# Letters that Unicode does not take apart into a plain letter and a mark.
UNDIVIDED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "th", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"}
)

# IPA to ARPAbet; the longest match wins, marks of stress, length and articulation are dropped first.
PHONES = {
    # vowels of American English as eSpeak NG writes them
    "aɪə": "AY AH", "aɪɚ": "AY ER", "aʊ": "AW", "aɪ": "AY", "eɪ": "EY", "oʊ": "OW", "ɔɪ": "OY", "iə": "IY AH",
    "ɑɹ": "AA R", "ɔɹ": "AO R", "oɹ": "AO R", "ɛɹ": "EH R", "ɪɹ": "IH R", "ʊɹ": "UH R", "əl": "AH L",
    "æ": "AE", "ɑ": "AA", "ɐ": "AH", "ʌ": "AH", "ə": "AH", "ɔ": "AO", "ɛ": "EH", "ɚ": "ER", "ɜ": "ER", "ɝ": "ER",
    "ɪ": "IH", "ᵻ": "IH", "i": "IY", "ʊ": "UH", "u": "UW",
    # vowels of other languages, by the nearest
    "a": "AA", "e": "EH", "o": "OW", "y": "UW", "ʏ": "UH", "ø": "ER", "œ": "ER", "ɵ": "OW", "ɤ": "AH", "ɯ": "UW",
    "ɨ": "IH", "ɒ": "AA", "ʉ": "UW", "ɘ": "AH", "ɞ": "ER", "ɶ": "AA",
    # consonants of American English
    "tʃ": "CH", "dʒ": "JH", "b": "B", "d": "D", "ð": "DH", "f": "F", "ɡ": "G", "g": "G", "h": "HH", "j": "Y",
    "k": "K", "l": "L", "m": "M", "n": "N", "ŋ": "NG", "p": "P", "ɹ": "R", "s": "S", "ʃ": "SH", "t": "T",
    "ɾ": "T", "ʔ": "T", "θ": "TH", "v": "V", "w": "W", "z": "Z", "ʒ": "ZH",
    # consonants of other languages, by the nearest
    "tɕ": "CH", "dʑ": "JH", "tʂ": "CH", "dʐ": "JH", "ɲ": "N Y", "ʎ": "L Y", "x": "HH", "χ": "HH", "ħ": "HH",
    "ɦ": "HH", "ç": "HH", "ɣ": "G", "ʁ": "R", "r": "R", "ɽ": "R", "ɻ": "R", "ʀ": "R", "ɭ": "L", "ɫ": "L", "ɬ": "L",
    "ɕ": "SH", "ʂ": "SH", "ʑ": "ZH", "ʐ": "ZH", "β": "V", "ʋ": "V", "ɸ": "F", "c": "CH", "ɟ": "JH", "q": "K",
    "ʈ": "T", "ɖ": "D", "ɳ": "N", "ɴ": "NG", "ɱ": "M", "ɥ": "W", "ɰ": "W", "ɢ": "G",
}  # fmt: skip
LONGEST = max(map(len, PHONES))


@lru_cache(maxsize=4096)
def pronunciations(word: str) -> tuple[str, ...]:
    """Return the likely ways to say `word`, each as ARPAbet phones and spaces; none where it cannot be read."""
    found = [_read(plain_latin(word), voice) if voice in LATIN else _read(word, voice) for voice in _voices(word)]
    return tuple(dict.fromkeys(phones for phones in found if phones))


def plain_latin(word: str) -> str:
    """Return `word` in lower case and without accents, so that an English dictionary may know it."""
    letters = unicodedata.normalize("NFKD", word.lower().translate(UNDIVIDED))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def arpabet(ipa: str) -> str:
    """Return the nearest American English phones, spaces between; symbols without a sound of their own are dropped."""
    # A syllabic consonant brings the vowel it is heard with.
    letters = unicodedata.normalize("NFD", ipa).replace("n̩", "ən").replace("l̩", "əl").replace("m̩", "əm")
    letters = letters.replace("ç", "ç").replace("ː", "").replace("ˈ", "").replace("ˌ", "")
    phones, place = [], 0
    while place < len(letters):
        for length in range(LONGEST, 0, -1):
            match = PHONES.get(letters[place : place + length])
            if match:
                phones.append(match)
                place += length
                break
        else:
            place += 1
    return " ".join(phones)


def _voices(word: str) -> tuple[str, ...]:
    """Return who reads the word: nobody where eSpeak NG could but name its letters one by one."""
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in word if letter.isalpha()}
    if scripts <= {"LATIN", "MODIFIER"}:
        return LATIN
    return tuple(VOICES[script] for script in sorted(scripts) if script in VOICES)


def _read(word: str, voice: str) -> str:
    try:
        _, phones = say_with_phones(word, voice)
    except NothingToSay:
        return ""
    spoken = " ".join(arpabet(phone.ipa) for phone in phones).split()
    return " ".join(phone for phone, _ in groupby(spoken))  # English has no long consonants
