"""Signed documents: evidence of a voice that outlives its recordings."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from voices.models import Voice


class Document(models.Model):
    """A signed document about a voice, sealed as it came in, and what a person found of it.

    File and signer lie under a key of the voice's evidence, not under the Voice Owner's: a withdrawal destroys the
    recordings, and the proof of what was allowed stays until `retain_until`.
    """

    class Kind(models.TextChoices):
        CONSENT = "consent", "Consent of the Voice Owner"
        ESTATE = "estate", "Authorisation by the estate"
        PUBLIC_FIGURE = "public_figure", "Authorisation by a public figure"
        AUTHORITY = "authority", "Proof of authority"

    class Status(models.TextChoices):
        RECEIVED = "received", "Not looked at yet"
        VERIFIED = "verified", "Verified"
        REFUSED = "refused", "Refused"
        DESTROYED = "destroyed", "Destroyed after its time"

    MOVES = {
        Status.RECEIVED: {Status.VERIFIED, Status.REFUSED, Status.DESTROYED},
        Status.VERIFIED: {Status.REFUSED, Status.DESTROYED},
        Status.REFUSED: {Status.VERIFIED, Status.DESTROYED},
        Status.DESTROYED: set(),
    }

    class Type(models.TextChoices):
        PDF = "pdf", "PDF"
        PNG = "png", "PNG"
        JPEG = "jpg", "JPEG"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    type = models.CharField(max_length=8, choices=Type.choices, help_text="found in the content, not in a name")
    object = models.CharField(max_length=200, editable=False)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    signer = models.BinaryField(editable=False, help_text="whose signature it bears, sealed")
    signed_on = models.DateField(help_text="as the document says")
    uploaded_at = models.DateTimeField()
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="who uploaded it; empty: the Voice Owner, through their link",
    )
    retain_until = models.DateField(help_text="the last day on which it must be kept")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RECEIVED)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_because = models.TextField(max_length=600, blank=True)

    class Meta:
        ordering = ["-uploaded_at"]
        default_permissions = ("view",)
        permissions = [("read_document", "Can download a signed document")]
        constraints = [
            models.UniqueConstraint(
                fields=["voice", "kind", "sha256"],
                condition=~Q(status="destroyed"),
                name="a_document_is_kept_once_for_each_purpose",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {str(self.pk)[:8]}"

    @property
    def vault_owner(self) -> str:
        return evidence_of(self.voice_id)

    @property
    def vault_purpose(self) -> str:
        return f"document.{self.kind}"

    @property
    def file_name(self) -> str:
        """What the file is called where it is saved: never what whoever uploaded it called it."""
        return f"{self.kind}-{str(self.pk)[:8]}.{self.type}"


def evidence_of(voice_id: object) -> str:
    """Return under whose key the evidence of a voice is sealed; it outlives the Voice Owner's."""
    return f"evidence:{voice_id}"
