"""What this app keeps: notices, how a voice ends, what people ask for, what is due by when, what authorities got."""

from takedowns.models.deadlines import Deadline
from takedowns.models.demands import EvidenceDemand
from takedowns.models.legal import LegalRequest
from takedowns.models.listing import ListingRequest
from takedowns.models.notices import Claim, CounterNotice, Notice, NoticeFile, NoticeQuestion, NotifierBar
from takedowns.models.owners import OwnerMatch, OwnerPhrase, OwnerRecording, OwnerRequest, PortalLink
from takedowns.models.privacy import PrivacyRequest, PrivacyStep
from takedowns.models.referrals import PoliceReferral
from takedowns.models.retention import Destruction, InactivityNotice
from takedowns.models.revocation import Revocation, RevocationStep

__all__ = [
    "Claim",
    "CounterNotice",
    "Deadline",
    "Destruction",
    "EvidenceDemand",
    "InactivityNotice",
    "LegalRequest",
    "ListingRequest",
    "Notice",
    "NoticeFile",
    "NoticeQuestion",
    "NotifierBar",
    "OwnerMatch",
    "OwnerPhrase",
    "OwnerRecording",
    "OwnerRequest",
    "PoliceReferral",
    "PortalLink",
    "PrivacyRequest",
    "PrivacyStep",
    "Revocation",
    "RevocationStep",
]
