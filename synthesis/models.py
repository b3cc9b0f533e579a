"""Text turned into marked speech, and sound that somebody asked about."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from moderation.models import StatementOfReasons
from voices.models import Voice


class SpeechRequest(models.Model):
    """The usage log of one synthesis: who, which voice, what text (sealed), when, how, and what became of it."""

    class Status(models.TextChoices):
        HELD = "held", "With a person"
        QUEUED = "queued", "Waiting"
        SPEAKING = "speaking", "Speaking"
        DONE = "done", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    class Purpose(models.TextChoices):
        OWN = "own", "Own use"
        COMMERCIAL = "commercial", "Commercial use"

    MOVES = {
        Status.HELD: {Status.QUEUED, Status.FAILED, Status.CANCELLED},
        Status.QUEUED: {Status.SPEAKING, Status.FAILED, Status.CANCELLED},
        Status.SPEAKING: {Status.DONE, Status.FAILED, Status.CANCELLED},
        Status.DONE: set(),
        Status.FAILED: set(),
        Status.CANCELLED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="speech_requests")
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="speech_requests")
    script = models.BinaryField(editable=False)
    characters = models.PositiveIntegerField()
    language = models.CharField(max_length=16)
    pace = models.FloatField(default=1.0)
    format = models.CharField(max_length=8)
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.OWN)
    disclose = models.BooleanField(default=False, help_text="begin with the audible disclosure")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    engine = models.CharField(max_length=60, blank=True)
    engine_version = models.CharField(max_length=60, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-requested_at"]

    def __str__(self) -> str:
        return f"Speech {str(self.pk)[:8]}"

    @property
    def finished(self) -> bool:
        return self.status in {self.Status.DONE, self.Status.FAILED, self.Status.CANCELLED}

    @property
    def reference(self) -> str:
        """What the ledger calls this request."""
        return f"speech:{self.pk}"


class Screening(models.Model):
    """What the screener said about one script, and later a human: no word of the text, only where it stood out.

    Of what was blocked, the text is kept sealed for as long as that can be questioned.
    """

    class Verdict(models.TextChoices):
        ALLOW = "allow", "Let through"
        HOLD = "hold", "Held for a person"
        BLOCK = "block", "Blocked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="screenings")
    request = models.OneToOneField(
        SpeechRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="screening"
    )
    digest = models.CharField(
        max_length=64, editable=False, help_text="keyed: knows the same text of the account again"
    )
    engine = models.CharField(max_length=60)
    version = models.CharField(max_length=60)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    category = models.CharField(max_length=40, blank=True, help_text="the likeliest; empty: let through")
    scores = models.JSONField(default=dict)
    passages = models.JSONField(default=list, help_text="[start, end] in characters")
    screened_at = models.DateTimeField()
    statement = models.OneToOneField(
        StatementOfReasons, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    script = models.BinaryField(default=b"", editable=False)
    objection = models.BinaryField(default=b"", editable=False)
    objected_at = models.DateTimeField(null=True, blank=True, help_text="when the person said that a block was wrong")
    label = models.CharField(max_length=40, blank=True, help_text="what a human found: a category, or allowed")
    labelled_at = models.DateTimeField(null=True, blank=True)
    labelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-screened_at"]
        indexes = [
            models.Index(fields=["account", "-screened_at"], name="screenings_of_an_account"),
            models.Index(fields=["account", "digest"], name="screenings_by_digest"),
            models.Index(fields=["screened_at"], condition=Q(verdict="block"), name="screenings_blocked"),
        ]

    def __str__(self) -> str:
        return f"Screening {str(self.pk)[:8]}"


class Output(models.Model):
    """A finished, marked, encrypted file. Without both checks passed this row does not come to be.

    The file may be deleted; the row stays as the usage log, and as what the mark leads to.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.OneToOneField(SpeechRequest, on_delete=models.PROTECT, related_name="output")
    payload = models.BigIntegerField(unique=True, help_text="the watermark's 48-bit id")
    object = models.CharField(max_length=200, editable=False)
    seconds = models.FloatField()
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    watermark_engine = models.CharField(max_length=60)
    watermark_version = models.CharField(max_length=60)
    watermark_confidence = models.FloatField(help_text="as detected in the finished file before its release, 0 to 1")
    signed = models.BooleanField(help_text="carries a C2PA manifest")
    disclosed = models.BooleanField(help_text="begins with the audible disclosure")
    released_at = models.DateTimeField()
    delete_after = models.DateTimeField(null=True, blank=True, help_text="when nobody may download it any more")
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="when the file was deleted")

    class Meta:
        ordering = ["-released_at"]
        indexes = [models.Index(fields=["delete_after"], condition=Q(deleted_at=None), name="outputs_to_delete")]

    def __str__(self) -> str:
        return f"Output {str(self.pk)[:8]}"

    @property
    def ended_at(self) -> datetime | None:
        """When its download ended, or None while it is open; the file itself goes with the next sweep."""
        over = self.delete_after is not None and self.delete_after <= timezone.now()
        return self.deleted_at or (self.delete_after if over else None)


class Preview(models.Model):
    """What a curated voice is heard by in the catalogue: marked and signed like any output."""

    voice = models.OneToOneField(Voice, on_delete=models.PROTECT, related_name="preview")
    payload = models.BigIntegerField(unique=True, help_text="the watermark's 48-bit id")
    object = models.CharField(max_length=200, editable=False)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    watermark_confidence = models.FloatField(help_text="as detected in the finished file, 0 to 1")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Preview {self.pk}"


class Detection(models.Model):
    """A question to the detector, and its answer. The sound itself is destroyed with the answer."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ANSWERED = "answered", "Answered"
        FAILED = "failed", "Failed"

    MOVES = {Status.WAITING: {Status.ANSWERED, Status.FAILED}, Status.ANSWERED: set(), Status.FAILED: set()}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.CharField(max_length=64, db_index=True, help_text="keyed digest of the caller's address")
    object = models.CharField(max_length=200, blank=True, editable=False)
    seconds = models.FloatField()
    asked_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.WAITING)
    answer = models.JSONField(default=dict, blank=True)
    outputs = models.JSONField(default=list, editable=False, help_text="ids, a mark each; never shown, for reports")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"Detection {str(self.pk)[:8]}"


class FreezeQuerySet(models.QuerySet["Freeze"]):
    def standing(self) -> FreezeQuerySet:
        """Return the freezes that nobody has lifted; one that is proposed to end stands as well."""
        return self.exclude(status=Freeze.Status.LIFTED)


class Freeze(models.Model):
    """That speech is stopped: all of it, or that of one account, voice or engine; and which two people let it go."""

    class Scope(models.TextChoices):
        EVERYTHING = "everything", "All speech"
        ACCOUNT = "account", "What one account asks for, by page or API"
        VOICE = "voice", "One voice, whoever speaks with it"
        ENGINE = "engine", "What one engine makes"

    class Status(models.TextChoices):
        STANDING = "standing", "Frozen"
        PROPOSED = "proposed", "Frozen; somebody proposed to lift it"
        LIFTED = "lifted", "Lifted"

    MOVES = {
        Status.STANDING: {Status.PROPOSED},
        Status.PROPOSED: {Status.STANDING, Status.LIFTED},
        Status.LIFTED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(max_length=16, choices=Scope.choices)
    subject = models.CharField(max_length=64, blank=True, help_text="the account, voice or engine")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.STANDING)
    reason = models.TextField()
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    placed_at = models.DateTimeField()
    lift_reason = models.TextField(blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = FreezeQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at"]
        permissions = [("lift_freeze", "Can propose and agree to lift a freeze")]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "subject"], condition=~Q(status="lifted"), name="frozen_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(status="lifted") | (Q(lifted_by__isnull=False) & ~Q(lifted_by=models.F("proposed_by"))),
                name="two_people_lift_a_freeze",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.subject}".strip()
