"""The only writer of the queue: `queue` holds who works on what, `decisions` what comes of it."""

from moderation.refusals import (
    CaseAboutYou,
    CaseBarred,
    CaseChanged,
    CaseClaimed,
    CaseDecided,
    CaseNotClaimed,
    CaseNotProposed,
    ChoiceRefused,
    HandOverRefused,
    NothingWaits,
    SecondPersonNeeded,
)
from moderation.services.decisions import Preview, approve, changes_since, decide, decline, preview, reverse, seen_now
from moderation.services.queue import CLAIM_LASTS, claim, claim_next, hand_over, keep, open_case, release, withdraw_case

__all__ = [
    "CLAIM_LASTS",
    "CaseAboutYou",
    "CaseBarred",
    "CaseChanged",
    "CaseClaimed",
    "CaseDecided",
    "CaseNotClaimed",
    "CaseNotProposed",
    "ChoiceRefused",
    "HandOverRefused",
    "NothingWaits",
    "Preview",
    "SecondPersonNeeded",
    "approve",
    "changes_since",
    "claim",
    "claim_next",
    "decide",
    "decline",
    "hand_over",
    "keep",
    "open_case",
    "preview",
    "release",
    "reverse",
    "seen_now",
    "withdraw_case",
]
