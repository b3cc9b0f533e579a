"""The signed document of a voice, demanded."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from consent.models import Document
from voices.models import Voice


class EvidenceDemand(models.Model):
    """That an account is to produce the written consent for a voice, by when, and what came of it."""

    class Status(models.TextChoices):
        OPEN = "open", "Waiting for the document"
        ANSWERED = "answered", "The document is being looked at"
        LAPSED = "lapsed", "No document came in time"
        ACCEPTED = "accepted", "Met"
        DROPPED = "dropped", "Not demanded any more"

    MOVES = {
        Status.OPEN: {Status.ANSWERED, Status.LAPSED, Status.DROPPED},
        Status.ANSWERED: {Status.ACCEPTED, Status.OPEN, Status.DROPPED},
        Status.LAPSED: {Status.ANSWERED, Status.OPEN, Status.DROPPED},
        Status.ACCEPTED: set(),
        Status.DROPPED: set(),
    }
    SETTLED = (Status.ACCEPTED, Status.DROPPED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="demands")
    reason = models.TextField(max_length=600, help_text="as the account is told")
    demanded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    demanded_at = models.DateTimeField()
    asked_at = models.DateTimeField(help_text="when the fourteen days began, anew where it was asked again")
    due_at = models.DateTimeField()
    reminders = models.PositiveSmallIntegerField(default=0, help_text="sent in these fourteen days")
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    suspended = models.BooleanField(default=False, help_text="the voice was suspended because nothing came")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-demanded_at"]
        default_permissions = ("view",)
        permissions = [("demand_evidence", "Can demand the signed document of a voice")]
        constraints = [
            models.UniqueConstraint(
                fields=["voice"],
                condition=~Q(status__in=["accepted", "dropped"]),
                name="one_demand_at_a_time_per_voice",
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(status="open"), name="demands_by_deadline")]

    def __str__(self) -> str:
        return f"Demand {str(self.pk)[:8]}"

    @property
    def waits(self) -> bool:
        """Tell whether a document can be handed in: late is better than never."""
        return self.status in (self.Status.OPEN, self.Status.LAPSED)

    @property
    def settled(self) -> bool:
        return self.status in self.SETTLED
