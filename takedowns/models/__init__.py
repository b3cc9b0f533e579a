"""What this app keeps: how a voice ends, what its owner asks for, what is due by when, what authorities were given."""

from takedowns.models.deadlines import Deadline
from takedowns.models.demands import EvidenceDemand
from takedowns.models.legal import LegalRequest
from takedowns.models.owners import OwnerMatch, OwnerPhrase, OwnerRecording, OwnerRequest, PortalLink
from takedowns.models.referrals import PoliceReferral
from takedowns.models.revocation import Revocation, RevocationStep

__all__ = [
    "Deadline",
    "EvidenceDemand",
    "LegalRequest",
    "OwnerMatch",
    "OwnerPhrase",
    "OwnerRecording",
    "OwnerRequest",
    "PoliceReferral",
    "PortalLink",
    "Revocation",
    "RevocationStep",
]
