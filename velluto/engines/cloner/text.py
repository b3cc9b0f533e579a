"""What a person typed, made fit to be read aloud."""

from __future__ import annotations

import re
import unicodedata

from velluto.engines.espeak import NothingToSay

_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "–": ", ", "—": ", ", "…": ". "}
)
_SILENT = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk", "Zl", "Zp"})  # controls, emoji, private use, modifiers
_JOINERS = "\u200c\u200d"  # carry meaning inside words of Indic scripts and Persian


def readable(text: str) -> str:
    """Return `text` in plain characters on one line; raise NothingToSay where neither letter nor digit is left."""
    plain = unicodedata.normalize("NFC", text).translate(_PLAIN)
    kept = "".join(
        letter if letter in _JOINERS or unicodedata.category(letter) not in _SILENT else " " for letter in plain
    )
    line = re.sub(r"\s+", " ", kept).strip()
    if not any(unicodedata.category(letter)[0] in "LN" for letter in line):
        raise NothingToSay("This text holds nothing that can be read aloud.")
    return line
