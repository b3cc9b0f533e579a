"""That an account was referred to the police, or that somebody is asked whether it should be."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from takedowns.models.notices import Notice


class PoliceReferral(models.Model):
    """That an account was referred to the police: the file of facts, which lists records by id and holds no content.

    A grave notice opens a draft by itself; a decision makes it a referral, or drops it.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Opened by a notice"
        MADE = "made", "Made"
        DROPPED = "dropped", "Dropped"

    MOVES = {Status.DRAFT: {Status.MADE, Status.DROPPED}, Status.MADE: set(), Status.DROPPED: {Status.DRAFT}}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="police_referrals"
    )
    notice = models.ForeignKey(Notice, null=True, blank=True, on_delete=models.PROTECT, related_name="police_referrals")
    decision_id = models.UUIDField(null=True, blank=True, db_index=True)
    made_at = models.DateTimeField(help_text="or when the draft was opened")
    facts = models.JSONField(default=dict, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, help_text="of the facts as canonical JSON")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.MADE)

    class Meta:
        ordering = ["-made_at"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="made") | Q(account__isnull=False, decision_id__isnull=False),
                name="a_referral_that_was_made_has_an_account_and_a_decision",
            )
        ]

    def __str__(self) -> str:
        return f"Referral {str(self.pk)[:8]}"
