"""The policy sections that decisions rest on, and the queue of cases that humans decide."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import cast

from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import F, Q


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
        return self.exclude(status=Case.Status.DECIDED).order_by(*Case.PRESSING)

    def free(self, *, actor: AbstractBaseUser, at: datetime) -> CaseQuerySet:
        """Cases that this person may take now, the most pressing first: nobody works on them, none is his own."""
        lapsed = Q(status=Case.Status.CLAIMED, claim_ends_at__lt=at)
        return (
            self.filter(Q(status=Case.Status.OPEN) | lapsed)
            .exclude(about=actor.pk)
            .exclude(barred=actor.pk)
            .order_by(*Case.PRESSING)
        )

    def about(self, subject: models.Model) -> CaseQuerySet:
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))


CUSTODIAL = "moderation.nogo"  # how the kinds of cases begin that only custodians may know of


class CaseManager(models.Manager.from_queryset(CaseQuerySet)):  # type: ignore[misc]
    """The moderators' cases. What custodians settle is in no list and no count of theirs: it is not here."""

    def get_queryset(self) -> CaseQuerySet:
        return cast(CaseQuerySet, super().get_queryset().exclude(kind__startswith=CUSTODIAL))


class Case(models.Model):
    """One question for a human: may this be, or not?"""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLAIMED = "claimed", "Claimed"
        PROPOSED = "proposed", "Waiting for a second person"
        DECIDED = "decided", "Decided"

    MOVES = {
        Status.OPEN: {Status.CLAIMED, Status.DECIDED},
        Status.CLAIMED: {Status.OPEN, Status.CLAIMED, Status.PROPOSED, Status.DECIDED},
        Status.PROPOSED: {Status.OPEN, Status.DECIDED},
        Status.DECIDED: set(),
    }
    PRESSING = ("due_at", "-severity", "-credibility", "pk")

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
    credibility = models.PositiveSmallIntegerField(default=50, help_text="of what brought it here, 0 to 100")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="claimed_cases"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    claim_ends_at = models.DateTimeField(null=True, blank=True, help_text="renewed while somebody works on it")
    barred = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", help_text="who decided what is appealed against here"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = CaseManager()
    every = CaseQuerySet.as_manager()  # the custodians' as well

    class Meta:
        ordering = ["due_at", "-severity", "-credibility", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id"],
                condition=~Q(status="decided"),
                name="one_open_case_per_question",
            )
        ]
        indexes = [
            models.Index(
                F("due_at"),
                F("severity").desc(),
                F("credibility").desc(),
                F("id"),
                condition=~Q(status="decided"),
                name="cases_by_urgency",
            ),
            models.Index(
                F("kind"),
                F("due_at"),
                F("severity").desc(),
                F("credibility").desc(),
                F("id"),
                condition=~Q(status="decided"),
                name="cases_of_a_kind_by_urgency",
            ),
            models.Index(
                F("severity"),
                F("due_at"),
                F("credibility").desc(),
                F("id"),
                condition=~Q(status="decided"),
                name="cases_by_severity",
            ),
            models.Index(F("opened_at"), condition=~Q(status="decided"), name="cases_by_age"),
            models.Index(F("due_at"), condition=Q(status="proposed"), name="cases_for_a_second_person"),
            models.Index(F("decided_at").desc(), F("id"), condition=Q(status="decided"), name="cases_decided_last"),
            models.Index(F("opened_at").desc(), F("id"), name="cases_opened_last"),
            models.Index(fields=["subject_type", "subject_id"], name="cases_by_subject"),
            models.Index(fields=["subject_id"], name="cases_by_subject_id"),
        ]
        permissions = [
            ("claim_case", "Can claim cases, hand them over and give them back"),
            ("decide_case", "Can decide cases"),
            ("approve_decision", "Can approve another person's grave decision"),
            ("listen_recording", "Can listen to recordings in a case"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> models.Model:
        """Return what the case is about."""
        return apps.get_model(self.subject_type)._base_manager.get(pk=self.subject_id)

    def lock_subject(self) -> None:
        """Lock the row that the case is about until the transaction ends."""
        apps.get_model(self.subject_type)._base_manager.select_for_update(no_key=True).get(pk=self.subject_id)
