"""What humans decided, and the statement of reasons as it was sent."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from moderation.models.queue import CUSTODIAL, Case, PolicySection


class DecisionManager(models.Manager["Decision"]):
    """The decisions that moderators may know of."""

    def get_queryset(self) -> models.QuerySet[Decision]:
        return super().get_queryset().exclude(case__kind__startswith=CUSTODIAL)


class Decision(models.Model):
    """What a human decided about a case, on which section of the policy, and why; only its status ever changes.

    A grave one is proposed by one person and made by a second one; both names stay here.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        MADE = "made", "Made"
        DECLINED = "declined", "Declined"
        REVERSED = "reversed", "Reversed"

    MOVES = {
        Status.PROPOSED: {Status.MADE, Status.DECLINED},
        Status.MADE: {Status.REVERSED},
        Status.DECLINED: set(),
        Status.REVERSED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    choice = models.CharField(max_length=40)
    section = models.ForeignKey(PolicySection, on_delete=models.PROTECT)
    reason = models.TextField(help_text="as the person is told it")
    notes = models.TextField(blank=True, help_text="for colleagues only")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    decided_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.MADE)
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="second_decisions"
    )
    second_at = models.DateTimeField(null=True, blank=True)
    second_reason = models.TextField(blank=True)
    reverses = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by")

    objects = DecisionManager()
    every: models.Manager[Decision] = models.Manager()  # the custodians' as well

    class Meta:
        ordering = ["-decided_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=~Q(status="declined"), name="one_decision_per_case_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(second__isnull=True) | ~Q(second=models.F("decided_by")), name="a_second_person_is_another"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_decision_has_its_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.choice} ({self.section_id})"


class StatementOfReasons(models.Model):
    """What somebody was told about a decision, exactly as it was sent, in the fields of the EU's database.

    Without a decision, it is about something that a machine decided alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, null=True, blank=True, on_delete=models.PROTECT, related_name="statements")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="statements_of_reasons"
    )
    subject = models.CharField(max_length=200)
    body = models.TextField()
    fields = models.JSONField(help_text="named as in the DSA Transparency Database")
    composed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-composed_at"]
        verbose_name_plural = "statements of reasons"
        constraints = [
            models.UniqueConstraint(fields=["decision", "recipient"], name="one_statement_per_decision_and_person")
        ]

    def __str__(self) -> str:
        return f"Statement of reasons {str(self.pk)[:8]}"
