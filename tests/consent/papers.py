"""Signed documents as people send them, and states of the house that hold one."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from PIL import Image

from consent import services as consent
from consent.documents import services
from consent.models import Document
from voices.models import Voice

BODY = b"1 0 obj\n<< /Type /Catalog >>\nendobj\n%s\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%%%EOF\n"


def pdf(says: str = "I consent.") -> bytes:
    return b"%PDF-1.7\n" + BODY % f"% {says}".encode()


def picture(format: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(file, format)
    return file.getvalue()


def kept(voice: Voice, *, content: bytes | None = None, **options: Any) -> Document:
    """Return a document of a voice that its account handed in."""
    given: dict[str, Any] = {
        "kind": Document.Kind.CONSENT,
        "signer": "Alice Baker",
        "signed_on": date(2026, 1, 5),
        "actor": voice.account,
    }
    return services.put_document(voice, content=io.BytesIO(pdf() if content is None else content), **given | options)


def authorise(voice: Voice, *, content: bytes | None = None, **options: Any) -> Document:
    """Return the authorisation that a voice needs, handed in at its step of the gate by its account."""
    given: dict[str, Any] = {"signer": "Dora Baker", "signed_on": date(2026, 1, 5), "actor": voice.account}
    file = io.BytesIO(pdf("I authorise it.") if content is None else content)
    return consent.hand_in_authorisation(voice, file, **given | options)
