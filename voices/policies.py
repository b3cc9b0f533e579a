"""Who may speak with which voice, as far as voices know: pure rules."""

from __future__ import annotations

from collections.abc import Collection

from voices.models import Voice

ALIKE = 0.82  # cosine of two samples from which they may be one person's; docs/benchmarks/nogo_voices.md
ALIKE_SHOWN = 10
SHARES_AT_ONCE = 20
SHARE_TRIES_PER_HOUR = 20  # the answer tells whether an address has an account: it may be asked, not fished for
SHARING = "sharing"  # what the scope of a Voice Owner's consent calls it
AGREEMENTS = {
    Voice.Whose.SELF: (
        "This is my own voice. I agree that this account may make it speak until I end it, "
        "and I know that files made before then stay with them."
    ),
    Voice.Whose.THIRD_PARTY: (
        "The person whose voice this is has agreed to sharing. This account may make it speak until I or they end it; "
        "files made before then stay with it."
    ),
}


def agreement(whose: str) -> str:
    """Return the sentence that whoever shares a voice agrees to."""
    return AGREEMENTS[Voice.Whose(whose)]


def consent_covers_sharing(whose: str, scope: Collection[str]) -> bool:
    """The Voice Owner decides: at the moment of sharing where they hold the account, else by what they agreed to."""
    return whose == Voice.Whose.SELF or (whose == Voice.Whose.THIRD_PARTY and SHARING in scope)
