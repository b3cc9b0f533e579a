"""The No-Go list: whose voice may not be cloned, and where something on it was met. Names and voices are sealed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class NoGoEntry(models.Model):
    """A person on the list. Names and notes are sealed under the entry's own key; nothing here says who it is."""

    class Source(models.TextChoices):
        NOTICE = "notice", "The person's own notice"
        OFFICE = "office", "Holds or held public office"
        HARM = "harm", "Harm to a well-known figure"
        ABUSE = "abuse", "Repeated abuse reports"
        RETURN = "return", "Voice of a terminated account"

    class Status(models.TextChoices):
        LISTED = "listed", "Listed"
        RETIRED = "retired", "Taken off"

    MOVES = {Status.LISTED: {Status.RETIRED}, Status.RETIRED: {Status.LISTED}}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.CharField(max_length=16, choices=Source.choices)
    sealed = models.BinaryField(editable=False)
    review_on = models.DateField(help_text="when to ask whether the entry is still right")
    former = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the terminated account that this voice would come back from",
    )
    expires_at = models.DateTimeField(null=True, blank=True, help_text="when what is sealed here is destroyed")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.LISTED)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    stamp = models.UUIDField(default=uuid.uuid4, editable=False, help_text="a new one with every change")

    class Meta:
        ordering = ["review_on", "pk"]
        verbose_name = "No-Go entry"
        verbose_name_plural = "No-Go entries"
        default_permissions = ()
        permissions = [("custody_nogo", "Can keep the No-Go list and settle what it meets")]

    def __str__(self) -> str:
        return f"No-Go entry {str(self.pk)[:8]}"

    @property
    def vault_owner(self) -> str:
        return f"nogo:{self.pk}"


class NoGoVoiceprint(models.Model):
    """A listed person's speaker embedding, sealed; comparable only within its engine and version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(NoGoEntry, on_delete=models.PROTECT, related_name="voiceprints")
    engine = models.CharField(max_length=60)
    version = models.CharField(max_length=60)
    sealed = models.BinaryField(editable=False)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"No-Go voiceprint {str(self.pk)[:8]}"


class NoGoRecording(models.Model):
    """A recording from which a voiceprint of an entry is being made; its sound is deleted when that is done."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(NoGoEntry, on_delete=models.PROTECT, related_name="recordings")
    object = models.CharField(max_length=200, editable=False)
    problem = models.CharField(max_length=200, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"No-Go recording {str(self.pk)[:8]}"


class NoGoRevision(models.Model):
    """Which state the list is in: one row, with a new stamp at every change."""

    stamp = models.UUIDField(default=uuid.uuid4)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.stamp)


class NoGoScreening(models.Model):
    """That something is to be compared with the list, and with which state of the list it was compared last.

    Everything has one, met or not: that a screening waits says nothing.
    """

    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    screened_with = models.UUIDField(null=True, help_text="the list's stamp; none: to be screened (again)")
    asked_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["subject_type", "subject_id"], name="one_screening_a_subject")]

    def __str__(self) -> str:
        return f"Screening {self.pk}"


class NoGoMatch(models.Model):
    """That something may be a listed person's: by name or by voice, how close, and what a custodian found."""

    class Kind(models.TextChoices):
        NAME = "name", "By name"
        VOICE = "voice", "By voice"

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting for a custodian"
        CONFIRMED = "confirmed", "Confirmed"
        RELEASED = "released", "Released"

    MOVES = {
        Status.PENDING: {Status.CONFIRMED, Status.RELEASED},
        Status.CONFIRMED: {Status.PENDING},  # an appeal succeeded: to be settled anew
        Status.RELEASED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(NoGoEntry, on_delete=models.PROTECT, related_name="matches")
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    evidence = models.CharField(max_length=64, help_text="which declaration or recording met the entry")
    score = models.FloatField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    found_at = models.DateTimeField(auto_now_add=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-found_at"]
        verbose_name = "No-Go match"
        verbose_name_plural = "No-Go matches"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "kind", "subject_type", "subject_id", "evidence"], name="a_pair_flags_once"
            )
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id", "status"], name="nogo_matches_by_subject")]

    def __str__(self) -> str:
        return f"No-Go match {str(self.pk)[:8]}"
