"""What a claimant writes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Details:
    """Who gives notice and what they say, as they wrote it."""

    name: str
    email: str
    description: str
    phone: str = ""
    represented: str = ""
    account_email: str = ""
    voice_name: str = ""
    links: str = ""

    @property
    def person(self) -> str:
        """Return the name of whose voice it is."""
        return self.represented or self.name
