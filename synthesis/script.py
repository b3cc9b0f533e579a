"""Split a script into what is spoken in one go."""

from __future__ import annotations

from dataclasses import dataclass

import sentencex

from synthesis import policies


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and the pause (seconds) that follows it."""

    text: str
    pause: float


def lines(script: str, language: str) -> list[Line]:
    """Return the sentences of a script in order; paragraphs are told apart by a longer pause."""
    found: list[Line] = []
    for paragraph in script.split("\n"):
        parts = [
            part
            for sentence in sentencex.segment(language.split("-")[0], paragraph)
            for part in policies.broken(sentence)
            if policies.speakable(part)
        ]
        if not parts:
            continue
        found += [Line(part, policies.PAUSE_AFTER_SENTENCE) for part in parts[:-1]]
        found.append(Line(parts[-1], policies.PAUSE_AFTER_PARAGRAPH))
    return found
