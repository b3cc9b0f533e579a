"""What may be spoken and how: pure rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

LONGEST_SCRIPT = 5_000  # characters
PACES = (0.5, 2.0)
LONG_SENTENCE = 300  # characters; a longer one is broken at a comma or space, so that sound and progress come early
PAUSE_AFTER_SENTENCE = 0.35  # seconds
PAUSE_AFTER_PARAGRAPH = 0.8
PAYLOADS = 2**48
OUTPUT_AFTER_WITHDRAWAL = timedelta(days=30)
DISCLOSURE = "Please note: this is a synthetic voice. It was made by a machine, with Velluto, and it carries a mark."
PREVIEW = (
    "This is how I sound. Every word that I say carries a mark, so that anybody can find out that it was made here."
)
PREVIEW_FORMAT = "mp3"


def disclosure_first(*, asked: bool, shared: bool) -> bool:
    """The audible disclosure stands in front where somebody wants it, and always where the voice is shared (G4)."""
    return asked or shared


def normal_script(text: str) -> str:
    """Return the text as it is counted and spoken: no control characters, no blank at the ends."""
    kept = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text.replace("\r\n", "\n"))
    return kept.strip()


def speakable(text: str) -> bool:
    """There is something to say where there is a letter or a digit."""
    return any(sign.isalnum() for sign in text)


def broken(sentence: str) -> Iterator[str]:
    """Yield a sentence in parts of at most LONG_SENTENCE characters, broken at a comma, else at a space."""
    rest = sentence.strip()
    while len(rest) > LONG_SENTENCE:
        head = rest[:LONG_SENTENCE]
        cut = max(head.rfind(sign) for sign in (", ", "; ", ": ", "，", "、"))
        if cut < LONG_SENTENCE // 3:
            cut = head.rfind(" ")
        cut = cut + 1 if cut > 0 else LONG_SENTENCE
        yield rest[:cut].strip()
        rest = rest[cut:].strip()
    if rest:
        yield rest


def downloadable_until(withdrawn_at: datetime) -> datetime:
    """Return when what a voice has said is deleted, once the consent for it was withdrawn."""
    return withdrawn_at + OUTPUT_AFTER_WITHDRAWAL
