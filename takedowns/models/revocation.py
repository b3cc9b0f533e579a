"""How a voice ends: one revocation, its steps, and what is left to show for it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from voices.models import Voice


class Revocation(models.Model):
    """That a voice is to end for good: who asked, when, how far it has come, and the certificate at the end."""

    class By(models.TextChoices):
        VOICE_OWNER = "voice_owner", "The Voice Owner"
        ACCOUNT = "account", "The account that made the voice"
        STAFF = "staff", "Staff"
        SANCTION = "sanction", "A sanction against the account"
        RETENTION = "retention", "Its time was over"

    class Status(models.TextChoices):
        RUNNING = "running", "Being carried out"
        DONE = "done", "Carried out"

    MOVES = {Status.RUNNING: {Status.DONE}, Status.DONE: set()}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.OneToOneField(Voice, on_delete=models.PROTECT, related_name="revocation")
    by = models.CharField(max_length=16, choices=By.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="30 days from receipt; the clock never pauses")
    overdue_at = models.DateTimeField(null=True, blank=True, help_text="when it was first seen to be late")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RUNNING)
    finished_at = models.DateTimeField(null=True, blank=True)
    contact = models.BinaryField(blank=True, editable=False, help_text="the Voice Owner's e-mail address, sealed")
    copy_wanted = models.BooleanField(default=False)
    copy_object = models.CharField(max_length=200, blank=True, editable=False)
    copy_until = models.DateTimeField(null=True, blank=True, help_text="until when the copy can be fetched")
    copy_fetched_at = models.DateTimeField(null=True, blank=True)
    certificate = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["due_at"], condition=Q(status="running"), name="revocations_under_way")]

    def __str__(self) -> str:
        return f"Revocation {str(self.pk)[:8]}"

    @property
    def vault_owner(self) -> str:
        """Whose key the owner's copy, and where it goes, are encrypted under: it outlives the voice's by weeks."""
        return f"revocation:{self.pk}"

    def copy_open(self, at: datetime) -> bool:
        return bool(self.copy_object) and self.copy_until is not None and at < self.copy_until


class RevocationStep(models.Model):
    """That a step of a revocation was done, and the receipt for it; written once, in the step's own commit."""

    revocation = models.ForeignKey(Revocation, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=16)
    done_at = models.DateTimeField()
    receipt = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["revocation", "step"], name="each_step_once")]

    def __str__(self) -> str:
        return f"{self.step} of {self.revocation_id}"
