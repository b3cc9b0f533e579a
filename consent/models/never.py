"""What was declared of a person before their voice is cloned, and who tried what may never be done."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from consent.models.documents import evidence_of
from voices.models import Voice


class Office(models.TextChoices):
    """Whether somebody holds, or lately held or ran for, a political or judicial office."""

    NEVER = "never", "No, never"
    NOW = "now", "Yes: in office, elected, or standing for election"
    ENDED = "ended", "It has ended: they left office, or lost or gave up the election"


class Declaration(models.Model):
    """What an account declared of the person whose voice it is (policy, section 3). Evidence: written once."""

    voice = models.OneToOneField(Voice, on_delete=models.PROTECT, related_name="declaration")
    alive = models.BooleanField()
    adult = models.BooleanField(help_text="18 or over; of somebody who has died: when they were recorded")
    office = models.CharField(max_length=8, choices=Office.choices)
    office_until = models.DateField(null=True, blank=True, help_text="when they left, lost or gave up")
    public_figure = models.BooleanField(help_text="generally recognisable")
    purpose = models.BinaryField(editable=False, help_text="in their words, sealed")
    doubtful = models.CharField(max_length=40, blank=True, help_text="the forbidden use that the purpose reads like")
    screened_by = models.CharField(max_length=80, blank=True, help_text="engine and version")
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(adult=True, office__in=["never", "ended"])
                & (Q(office="never", office_until=None) | Q(office="ended", office_until__isnull=False)),
                name="what_is_declared_may_be_cloned",
            )
        ]

    def __str__(self) -> str:
        return f"Declaration for {self.voice}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError("A declaration is evidence: it is written once.")
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def vault_owner(self) -> str:
        return evidence_of(self.voice_id)


class ForbiddenAttempt(models.Model):
    """That an account tried to clone a voice that may never be cloned: a violation on record, and no strike.

    Whose voice, and what for, is sealed under a key of the row's own; staff learn the rule.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="forbidden_attempts")
    voice = models.ForeignKey(
        Voice,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="forbidden_attempts",
        help_text="where one was begun",
    )
    rule = models.CharField(max_length=16)
    section = models.CharField(max_length=16, help_text="of the policy")
    whose = models.CharField(max_length=16, choices=Voice.Whose.choices)
    sealed = models.BinaryField(editable=False, help_text="the name and the purpose")
    attempted_at = models.DateTimeField()
    retain_until = models.DateField()
    decision_id = models.UUIDField(null=True, blank=True, db_index=True, help_text="where a person decided it")
    taken_back_at = models.DateTimeField(null=True, blank=True, help_text="where an appeal found otherwise")

    class Meta:
        ordering = ["-attempted_at"]
        default_permissions = ("view",)
        verbose_name = "attempt to clone a forbidden voice"
        verbose_name_plural = "attempts to clone forbidden voices"
        indexes = [models.Index(fields=["account", "-attempted_at"], name="forbidden_attempts_by_account")]

    def __str__(self) -> str:
        return f"Attempt {str(self.pk)[:8]}"

    @property
    def vault_owner(self) -> str:
        return f"evidence:attempt:{self.pk}"
