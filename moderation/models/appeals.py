"""Somebody says that a decision was wrong."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from moderation.models.decisions import Decision


class Appeal(models.Model):
    """That a decision was questioned, by which side, and what came of it. The words are sealed in the vault."""

    class Side(models.TextChoices):
        AFFECTED = "affected", "The person it was about"
        REPORTER = "reporter", "The person who reported it"

    class Status(models.TextChoices):
        FILED = "filed", "Being looked at"
        UPHELD = "upheld", "The decision stands"
        OVERTURNED = "overturned", "The decision was overturned"

    MOVES = {Status.FILED: {Status.UPHELD, Status.OVERTURNED}, Status.UPHELD: set(), Status.OVERTURNED: set()}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="appeals")
    side = models.CharField(max_length=16, choices=Side.choices)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="appeals"
    )
    sealed = models.BinaryField(editable=False)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.FILED)
    filed_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-filed_at"]
        constraints = [models.UniqueConstraint(fields=["decision", "side"], name="one_appeal_per_decision_and_side")]

    def __str__(self) -> str:
        return f"Appeal {str(self.pk)[:8]}"

    @property
    def vault_owner(self) -> str:
        return f"appeal:{self.pk}"
