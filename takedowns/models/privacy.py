"""What people ask for about their own data, how far it is, and the receipts of an erasure."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class PrivacyRequest(models.Model):
    """That somebody asked for access, erasure or something else about their data, and what came of it.

    Address and words are sealed under a key of the request, and so is the archive of an export.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", "A copy of my data"
        CORRECTION = "correction", "Correct my data"
        ERASURE = "erasure", "Erase my data"
        OBJECTION = "objection", "Stop using my data for something"

    class By(models.TextChoices):
        ACCOUNT = "account", "The account holder, signed in"
        EMAIL = "email", "Somebody by e-mail"
        AGENT = "agent", "Somebody on another person's behalf"

    class Status(models.TextChoices):
        UNPROVEN = "unproven", "Waiting for the link in the e-mail"
        OPEN = "open", "With a person"
        RUNNING = "running", "Being carried out"
        DONE = "done", "Carried out"
        DENIED = "denied", "Denied"
        LAPSED = "lapsed", "The link was never opened"

    MOVES = {
        Status.UNPROVEN: {Status.OPEN, Status.LAPSED},
        Status.OPEN: {Status.RUNNING, Status.DONE, Status.DENIED},
        Status.RUNNING: {Status.DONE},
        Status.DENIED: {Status.RUNNING, Status.DONE},  # an appeal succeeded
        Status.DONE: set(),
        Status.LAPSED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by = models.CharField(max_length=8, choices=By.choices)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="privacy_requests",
        help_text="whose data it is about, where that is an account",
    )
    contact = models.BinaryField(editable=False, help_text="the address of whoever asked, sealed")
    asker = models.CharField(max_length=64, db_index=True, help_text="keyed digest of that address")
    client = models.CharField(max_length=64, blank=True, db_index=True, help_text="keyed digest of the network address")
    words = models.BinaryField(editable=False, help_text="what was asked, and on whose behalf, sealed")
    document = models.CharField(max_length=200, blank=True, editable=False, help_text="the power of attorney")
    document_type = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="24 hours from receipt for an erasure, else 30 days; it never pauses")
    proven_at = models.DateTimeField(null=True, blank=True, help_text="when it was certain who asks")
    finished_at = models.DateTimeField(null=True, blank=True)
    object = models.CharField(max_length=200, blank=True, editable=False, help_text="the archive of an export")
    until = models.DateTimeField(null=True, blank=True, help_text="until when the archive can be downloaded")
    fetched_at = models.DateTimeField(null=True, blank=True)
    certificate = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-received_at"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=Q(status="running", kind__in=["access", "erasure"]),
                name="one_export_and_one_erasure_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(finished_at=None), name="privacy_requests_waiting")]

    def __str__(self) -> str:
        return f"Privacy request {str(self.pk)[:8]}"

    @property
    def vault_owner(self) -> str:
        """Whose key everything of this request is encrypted under."""
        return f"privacy:{self.pk}"


class PrivacyStep(models.Model):
    """That a step of an erasure was done, and the receipt for it; written once, in the step's own commit."""

    request = models.ForeignKey(PrivacyRequest, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=16)
    done_at = models.DateTimeField()
    receipt = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["request", "step"], name="each_step_of_an_erasure_once")]

    def __str__(self) -> str:
        return f"{self.step} of {self.request_id}"
