"""Somebody says that something made here should not be."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from moderation.models.queue import Case


class Report(models.Model):
    """That somebody reported something, as what, and what came of it. The words and the address are sealed.

    The row is locked only by who holds its case.
    """

    class Category(models.TextChoices):
        """What the policy forbids (sections 2 and 3), as people would say it."""

        NO_CONSENT = "no_consent", "A voice used without its owner's consent"
        INTIMATE = "intimate", "Sexual or intimate content without consent"
        MINOR = "minor", "The voice of somebody under 18"
        FRAUD = "fraud", "Fraud or a scam"
        IMPERSONATION = "impersonation", "Pretending to be somebody"
        ELECTION = "election", "Manipulating an election"
        HARASSMENT = "harassment", "Harassment or threats"
        HATE = "hate", "Hate speech"
        DEFAMATION = "defamation", "Defamation"
        MISINFORMATION = "misinformation", "Misinformation"
        DECEASED = "deceased", "The voice of a deceased person"
        PUBLIC_FIGURE = "public_figure", "The voice of a public figure"

    class Status(models.TextChoices):
        RECEIVED = "received", "Being looked at"
        ACTED = "acted", "Something was done"
        NOT_ACTED = "not_acted", "Nothing was done"

    MOVES = {
        Status.RECEIVED: {Status.ACTED, Status.NOT_ACTED},
        Status.ACTED: {Status.NOT_ACTED, Status.RECEIVED},
        Status.NOT_ACTED: {Status.RECEIVED},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    category = models.CharField(max_length=16, choices=Category.choices)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )
    reporter = models.CharField(max_length=64, db_index=True, help_text="keyed digest of the account or e-mail address")
    client = models.CharField(max_length=64, db_index=True, help_text="keyed digest of the caller's network address")
    words = models.BinaryField(editable=False)
    address = models.BinaryField(editable=False, help_text="the e-mail address of a reporter without an account")
    trusted = models.BooleanField(default=False, help_text="came from a trusted notifier (DSA Article 22)")
    verified_at = models.DateTimeField(null=True, blank=True, help_text="when the e-mail address answered")
    credibility = models.PositiveSmallIntegerField(help_text="0 to 100")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RECEIVED)
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["received_at"], name="reports_by_time")]
        default_permissions = ("view",)
        permissions = [("view_figures", "Can see the figures of moderation")]

    def __str__(self) -> str:
        return f"Report {str(self.pk)[:8]}"

    @property
    def vault_owner(self) -> str:
        return f"report:{self.pk}"
