"""The Consent Gate and its evidence. Each matter has a file."""

from consent.models.documents import Document
from consent.models.gate import (
    Attempt,
    Attestation,
    Challenge,
    Check,
    ConsentRecord,
    Invitation,
    Narrowing,
    OwnerConsent,
    OwnerLink,
    Scope,
    Statement,
)
from consent.models.never import Declaration, ForbiddenAttempt, Office

__all__ = [
    "Attempt",
    "Attestation",
    "Challenge",
    "Check",
    "ConsentRecord",
    "Declaration",
    "Document",
    "ForbiddenAttempt",
    "Invitation",
    "Narrowing",
    "Office",
    "OwnerConsent",
    "OwnerLink",
    "Scope",
    "Statement",
]
