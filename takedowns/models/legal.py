"""An authority asks for records, and what came of it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Sanction


class LegalRequest(models.Model):
    """That an authority demands records: who, on what basis, about what; and the sealed bundle that answers it.

    The document lies under `vault_owner`, for as long as this row does. The bundle lies under a key of its own, which
    is destroyed after its time.
    """

    class Scope(models.TextChoices):
        ACCOUNT = "account", "Everything about an account"
        VOICE = "voice", "Everything about a voice"
        CONSENT = "consent", "The consent for a voice"
        OUTPUT = "output", "One output"

    class Status(models.TextChoices):
        RECEIVED = "received", "Being looked at"
        PACKING = "packing", "Approved, being packed"
        READY = "ready", "Ready"
        DESTROYED = "destroyed", "Answered; the bundle is destroyed"
        REFUSED = "refused", "Refused"

    UNANSWERED = (Status.RECEIVED, Status.PACKING)
    MOVES = {
        Status.RECEIVED: {Status.PACKING, Status.REFUSED},
        Status.PACKING: {Status.READY},
        Status.READY: {Status.DESTROYED},
        Status.DESTROYED: set(),
        Status.REFUSED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    authority = models.CharField(max_length=200)
    basis = models.CharField("legal basis", max_length=300)
    reference = models.CharField(max_length=120, help_text="the authority's own")
    received_on = models.DateField()
    scope = models.CharField(max_length=16, choices=Scope.choices)
    subject_id = models.CharField(max_length=64, help_text="of the account, voice or output")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="legal_requests"
    )
    hold = models.ForeignKey(Sanction, null=True, blank=True, on_delete=models.PROTECT, related_name="legal_requests")
    document = models.CharField(max_length=200, editable=False)
    document_sha256 = models.CharField(max_length=64)
    may_tell = models.BooleanField("the customer may be told", default=True)
    silent_until = models.DateField(
        null=True, blank=True, help_text="the last day on which the customer may not be told; empty: until we hear"
    )
    told_at = models.DateTimeField(null=True, blank=True, help_text="when the customer was told")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RECEIVED)
    answered_at = models.DateTimeField(null=True, blank=True, help_text="when two people approved it, or one refused")
    bundle = models.CharField(max_length=200, blank=True, editable=False)
    bundle_sha256 = models.CharField(max_length=64, blank=True)
    bundle_size = models.BigIntegerField(null=True, blank=True, help_text="bytes")
    ready_at = models.DateTimeField(null=True, blank=True)
    destroy_at = models.DateTimeField(null=True, blank=True, help_text="when the bundle is destroyed")

    class Meta:
        ordering = ["-entered_at"]
        default_permissions = ("view",)
        permissions = [("answer_legal_request", "Can enter legal requests, propose an answer and fetch bundles")]
        constraints = [
            models.CheckConstraint(
                condition=Q(may_tell=False) | Q(silent_until=None), name="who_may_be_told_has_no_day_of_silence"
            )
        ]
        indexes = [
            models.Index(fields=["destroy_at"], condition=Q(status="ready"), name="bundles_to_destroy"),
            models.Index(
                fields=["answered_at"],
                condition=Q(told_at=None, status__in=["packing", "ready", "destroyed"]),
                name="legal_requests_to_tell_of",
            ),
        ]

    def __str__(self) -> str:
        return f"Legal request {str(self.pk)[:8]}"

    @property
    def vault_owner(self) -> str:
        return f"legal:{self.pk}"

    @property
    def bundle_owner(self) -> str:
        """Under whose key the bundle lies: it is destroyed weeks later, the authority's document is kept."""
        return f"legal-bundle:{self.pk}"

    def may_be_told(self, at: datetime) -> bool:
        """Tell whether the customer may know of it at a time; a day of silence ends with it, in UTC."""
        if self.may_tell:
            return True
        if self.silent_until is None:
            return False
        return at >= datetime.combine(self.silent_until + timedelta(days=1), time(), tzinfo=UTC)
