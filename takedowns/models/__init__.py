"""What this app keeps: how a voice ends, what went to the police, who asks to be listed. Each matter has a file."""

from takedowns.models.listing import ListingRequest
from takedowns.models.referrals import PoliceReferral
from takedowns.models.revocation import Revocation, RevocationStep

__all__ = ["ListingRequest", "PoliceReferral", "Revocation", "RevocationStep"]
