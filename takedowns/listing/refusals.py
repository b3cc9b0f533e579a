"""How asking to be listed says no."""

from __future__ import annotations

from typing import ClassVar

from velluto.errors import Refusal


class ListingLinkUnknown(Refusal):
    code: ClassVar[str] = "listing_link_unknown"
    status: ClassVar[int] = 404
    message: ClassVar[str] = "This link leads to nothing."
    next_step: ClassVar[str] = "Open the link exactly as it stands in the e-mail, or ask again."


class ListingTooMany(Refusal):
    code: ClassVar[str] = "listing_too_many"
    status: ClassVar[int] = 429
    message: ClassVar[str] = "There were several such requests from here today."
    next_step: ClassVar[str] = "Try again tomorrow."


class ListingNotOpen(Refusal):
    code: ClassVar[str] = "listing_not_open"
    status: ClassVar[int] = 409
    message: ClassVar[str] = "We need no recording for this at the moment."
    next_step: ClassVar[str] = "Load the page again to see where your request stands."


class ListingPhraseUsed(Refusal):
    code: ClassVar[str] = "listing_phrase_used"
    status: ClassVar[int] = 409
    message: ClassVar[str] = "There is no phrase on show, or its time is over."
    next_step: ClassVar[str] = "Show a new phrase and read it at once."
