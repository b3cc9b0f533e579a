"""What may not be spoken, and how sure the screener must be: pure rules (sections 3(g) and 9, the AUP)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from velluto.engines.base import Passage, Screening

HOLD_AT = 0.7  # how likely it must be that any category fits, for a human to look first
BLOCK_AT = 0.97  # high, for a human looks at what is only held
DISGUISED_WORDS = 2  # from so many on, somebody hides something
HOLD_DISGUISED_AT = 0.3
POLICY_SECTION = "3"
SECTION = "3(g)"
ALLOWED = "allowed"  # a human's label for a text with nothing wrong in it


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of text that is forbidden: its name, its name for people, and what they are told about it."""

    code: str
    label: str
    reason: str
    grave: bool = False


CATEGORIES = {
    category.code: category
    for category in (
        Category("hate", "hate speech", "Speech that demeans or shuts out people for what they are is forbidden."),
        Category("misinformation", "misinformation", "False claims that can harm people are forbidden."),
        Category("political_campaign", "political campaigning", "Voices made here do not campaign."),
        Category(
            "sexual_ncii",
            "non-consensual intimate content",
            "Intimate content about, or as if by, somebody who did not agree is forbidden.",
            grave=True,
        ),
        Category(
            "fraud_impersonation",
            "fraud or impersonation",
            "Pretending to be somebody else, to get money, secrets or access, is forbidden.",
            grave=True,
        ),
        Category("defamation", "defamation", "Accusing a named person of misdeeds as a fact is forbidden."),
        Category(
            "election_manipulation",
            "election manipulation",
            "Misleading or frightening people about an election is forbidden.",
            grave=True,
        ),
        Category("harassment_threat", "harassment or a threat", "Threatening and tormenting people is forbidden."),
    )
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a screening."""

    kind: Literal["allow", "hold", "block"]
    category: Category | None = None
    passages: tuple[Passage, ...] = ()


def judge(screening: Screening) -> Verdict:
    """Let a script through, hold it for a human, or block it.

    The sum over the categories counts: that something is wrong is often surer than what. Whoever disguises words is
    held sooner, and blocked at the same point.
    """
    total = sum(screening.scores.values())
    hold_at = HOLD_DISGUISED_AT if screening.disguised >= DISGUISED_WORDS else HOLD_AT
    if total < hold_at or not screening.scores:
        return Verdict("allow")
    likeliest = max(screening.scores, key=lambda code: screening.scores[code])
    kind: Literal["hold", "block"] = "block" if total >= BLOCK_AT else "hold"
    return Verdict(kind, CATEGORIES[likeliest], screening.passages)


def marked(text: str, passages: list[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    """Yield a text in parts, each with whether it lies in a passage."""
    at = 0
    for start, end in sorted(passages):
        start, end = max(at, start), max(at, end)
        if text[at:start]:
            yield text[at:start], False
        if text[start:end]:
            yield text[start:end], True
        at = end
    if text[at:]:
        yield text[at:], False
