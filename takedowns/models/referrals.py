"""That an account was referred to the police."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class PoliceReferral(models.Model):
    """That an account was referred to the police: the file of facts, which lists records by id and holds no content."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="police_referrals")
    decision_id = models.UUIDField(db_index=True)
    made_at = models.DateTimeField()
    facts = models.JSONField()
    sha256 = models.CharField(max_length=64, help_text="of the facts as canonical JSON")

    class Meta:
        ordering = ["-made_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"Referral {str(self.pk)[:8]}"
