"""What has to be done by when."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def of(self, subject: models.Model) -> DeadlineQuerySet:
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))

    def running(self) -> DeadlineQuerySet:
        return self.filter(met_at=None)

    def missed(self, at: datetime) -> DeadlineQuerySet:
        """Return the deadlines that have passed and whose breach nobody has recorded yet, the oldest first."""
        return self.running().filter(breached_at=None, due_at__lt=at).order_by("due_at")


class Deadline(models.Model):
    """Until when something has to be done: it runs from receipt and never pauses. A breach stays, met later or not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=24)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True, help_text="when it was first seen to be late")

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        ordering = ["due_at"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "kind"], name="one_deadline_of_a_kind"),
            models.CheckConstraint(condition=Q(due_at__gt=F("received_at")), name="due_after_receipt"),
            models.CheckConstraint(
                condition=Q(breached_at__isnull=True) | Q(breached_at__gt=F("due_at")), name="breached_after_due"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(met_at=None, breached_at=None), name="deadlines_under_way"),
            models.Index(fields=["kind"], condition=Q(met_at=None), name="deadlines_running"),
            models.Index(fields=["kind"], condition=Q(breached_at__isnull=False), name="deadlines_breached"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} until {self.due_at:%Y-%m-%d %H:%M}"

    def is_late(self, at: datetime) -> bool:
        """Tell whether it was, or is at this moment, missed."""
        return self.breached_at is not None or (self.met_at or at) > self.due_at
