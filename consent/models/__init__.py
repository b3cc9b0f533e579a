"""The Consent Gate and its evidence. Each matter has a file."""

from consent.models.documents import Document
from consent.models.gate import (
    Attempt,
    Attestation,
    Challenge,
    Check,
    ConsentRecord,
    Invitation,
    OwnerConsent,
    OwnerLink,
    Scope,
    Statement,
)

__all__ = [
    "Attempt",
    "Attestation",
    "Challenge",
    "Check",
    "ConsentRecord",
    "Document",
    "Invitation",
    "OwnerConsent",
    "OwnerLink",
    "Scope",
    "Statement",
]
