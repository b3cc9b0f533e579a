"""What this app keeps: how a voice ends, what is due by when, and what was handed to the police."""

from takedowns.models.deadlines import Deadline
from takedowns.models.referrals import PoliceReferral
from takedowns.models.revocation import Revocation, RevocationStep

__all__ = ["Deadline", "PoliceReferral", "Revocation", "RevocationStep"]
