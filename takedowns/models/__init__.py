"""What this app keeps: how a voice ends, and what was handed to the police. Each matter has a file."""

from takedowns.models.referrals import PoliceReferral
from takedowns.models.revocation import Revocation, RevocationStep

__all__ = ["PoliceReferral", "Revocation", "RevocationStep"]
