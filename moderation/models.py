"""The queue of cases that humans decide, their decisions, and the policy sections that the decisions rest on."""

from __future__ import annotations

import uuid

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q


class PolicySection(models.Model):
    """A numbered section of the policy, as people are told it."""

    code = models.CharField(max_length=16, primary_key=True)
    title = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class CaseQuerySet(models.QuerySet["Case"]):
    def waiting(self) -> CaseQuerySet:
        """Cases that still need a decision, the most pressing first."""
        return self.exclude(status=Case.Status.DECIDED).order_by("due_at", "-severity")

    def about(self, subject: models.Model) -> CaseQuerySet:
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))


class Case(models.Model):
    """One question for a human: may this be, or not?"""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLAIMED = "claimed", "Claimed"
        DECIDED = "decided", "Decided"

    MOVES = {
        Status.OPEN: {Status.CLAIMED, Status.DECIDED},
        Status.CLAIMED: {Status.OPEN, Status.CLAIMED, Status.DECIDED},
        Status.DECIDED: set(),
    }

    class Severity(models.IntegerChoices):
        ROUTINE = 1, "Routine"
        RAISED = 2, "Raised"
        GRAVE = 3, "Grave"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    severity = models.IntegerField(choices=Severity.choices, default=Severity.ROUTINE)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="claimed_cases"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "-severity"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id"],
                condition=~Q(status="decided"),
                name="one_open_case_per_question",
            )
        ]
        permissions = [("decide_case", "Can decide cases"), ("listen_recording", "Can listen to recordings in a case")]

    def __str__(self) -> str:
        return self.title

    def lock_subject(self) -> None:
        """Lock the row that the case is about until the transaction ends."""
        apps.get_model(self.subject_type)._base_manager.select_for_update().get(pk=self.subject_id)


class Decision(models.Model):
    """What a human decided about a case, on which section of the policy, and why; never changed afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    choice = models.CharField(max_length=40)
    section = models.ForeignKey(PolicySection, on_delete=models.PROTECT)
    reason = models.TextField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-decided_at"]
        constraints = [models.UniqueConstraint(fields=["case"], name="one_decision_per_case")]

    def __str__(self) -> str:
        return f"{self.choice} ({self.section_id})"
