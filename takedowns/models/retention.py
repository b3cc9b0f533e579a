"""What the sweep at night destroyed, and whom it warned."""

from __future__ import annotations

import uuid

from django.db import models

from voices.models import Voice


class Destruction(models.Model):
    """That objects of one kind were destroyed because their time was over, with the signed certificate."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, help_text="as in the published schedule")
    destroyed_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    certificate = models.JSONField()

    class Meta:
        ordering = ["-destroyed_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.count} of {self.kind}"


class InactivityNotice(models.Model):
    """That somebody was told that their voice goes because they were not here for so long, and whether they came."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="inactivity_notices")
    told_at = models.DateTimeField()
    until = models.DateTimeField(help_text="when the voice goes")
    kept_at = models.DateTimeField(null=True, blank=True, help_text="when they said that they want to keep it")

    class Meta:
        ordering = ["-told_at"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["voice", "until"], name="told_once_before_it_goes")]

    def __str__(self) -> str:
        return f"Notice {str(self.pk)[:8]}"
