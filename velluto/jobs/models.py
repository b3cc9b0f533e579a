"""One row per piece of background work."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone


class JobQuerySet(models.QuerySet["Job"]):
    def live(self) -> JobQuerySet:
        """Return the jobs that are waiting or being worked on."""
        return self.filter(status__in=Job.LIVE)

    def due(self, now: datetime) -> JobQuerySet:
        """Return the waiting jobs that may start, the oldest first."""
        return self.filter(status=Job.Status.QUEUED, due_at__lte=now).order_by("due_at", "created_at")


class Job(models.Model):
    """A piece of work and how far it is. Only velluto.jobs writes it, always by compare-and-set or under a row lock."""

    class Status(models.TextChoices):
        QUEUED = "queued", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "refused"
        CANCELLED = "cancelled", "cancelled"
        DEAD = "dead", "given up"

    LIVE = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    queue = models.CharField(max_length=20)
    subject = models.CharField(max_length=100, blank=True, help_text="Id of the object worked on; never its content.")
    key = models.CharField(max_length=200, blank=True, help_text="At most one live job of a name carries a key.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    asked_by = models.CharField(max_length=64, blank=True, help_text="Id of the account that asked, where one did.")

    attempts = models.PositiveSmallIntegerField(default=0, help_text="Counted before the work starts.")
    max_attempts = models.PositiveSmallIntegerField()
    token = models.PositiveIntegerField(
        default=0, help_text="Grows with each attempt; an older one can no longer commit."
    )
    worker = models.CharField(max_length=64, blank=True, help_text="The worker that took it last.")
    lease_until = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True, help_text="When this attempt is ended from outside.")

    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text="A sentence for people; never content.")

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        permissions = [("retry_job", "Can give a dead job another try")]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "key"],
                condition=Q(status__in=["queued", "running"]) & ~Q(key=""),
                name="one_live_job_per_key",
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "due_at"], condition=Q(status="queued"), name="job_waiting"),
            models.Index(fields=["queue", "lease_until"], condition=Q(status="running"), name="job_running"),
            models.Index(fields=["queue", "status", "finished_at"], name="job_ended"),
            models.Index(fields=["worker", "started_at"], name="job_worker"),
            models.Index(fields=["name", "subject"], name="job_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_status_display()})"

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE
