"""What this app keeps: how a voice ends, what its owner asks for, what is due by when, what went to the police."""

from takedowns.models.deadlines import Deadline
from takedowns.models.owners import OwnerMatch, OwnerPhrase, OwnerRecording, OwnerRequest, PortalLink
from takedowns.models.referrals import PoliceReferral
from takedowns.models.revocation import Revocation, RevocationStep

__all__ = [
    "Deadline",
    "OwnerMatch",
    "OwnerPhrase",
    "OwnerRecording",
    "OwnerRequest",
    "PoliceReferral",
    "PortalLink",
    "Revocation",
    "RevocationStep",
]
