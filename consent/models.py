"""The Consent Gate and its evidence."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from voices.models import Recording, Voice


class Attestation(models.Model):
    """A text that people are asked to agree to or to read aloud, word for word, in one version of it."""

    class Kind(models.TextChoices):
        REPRESENTATIONS = "representations", "Representations and warranties"
        STATEMENT = "statement", "Read-aloud statement"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    version = models.CharField(max_length=20)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    in_use_from = models.DateTimeField()

    class Meta:
        ordering = ["kind", "-in_use_from"]
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="one_text_per_version")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"


class ConsentRecord(models.Model):
    """That the representations were made: the exact text, when, by which account, from where.

    Only the status ever changes; everything else is evidence and stays as it was written.
    """

    class Status(models.TextChoices):
        GIVEN = "given", "Given"
        IN_FORCE = "in_force", "In force"
        WITHDRAWN = "withdrawn", "Withdrawn"

    MOVES = {
        Status.GIVEN: {Status.IN_FORCE, Status.WITHDRAWN},
        Status.IN_FORCE: {Status.WITHDRAWN},
        Status.WITHDRAWN: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.OneToOneField(Voice, on_delete=models.PROTECT, related_name="consent")
    attestation = models.ForeignKey(Attestation, on_delete=models.PROTECT)
    text_sha256 = models.CharField(max_length=64)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=400, blank=True)
    given_at = models.DateTimeField()
    retain_until = models.DateField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.GIVEN)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Consent for {self.voice}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError("A consent record is evidence: it is written once, and only `move` changes its status.")
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Attempt(models.Model):
    """One recording handed in for one step of the gate, and what the machine found."""

    class Step(models.TextChoices):
        SAMPLE = "sample", "Sample"
        CAPTCHA = "captcha", "Voice captcha"
        STATEMENT = "statement", "Read-aloud statement"

    class Status(models.TextChoices):
        CHECKING = "checking", "Being checked"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Not passed"
        SUPERSEDED = "superseded", "To be done again"

    MOVES = {
        Status.CHECKING: {Status.PASSED, Status.FAILED, Status.SUPERSEDED},
        Status.PASSED: {Status.SUPERSEDED},
        Status.FAILED: {Status.SUPERSEDED},
        Status.SUPERSEDED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="attempts")
    step = models.CharField(max_length=16, choices=Step.choices)
    recording = models.OneToOneField(Recording, on_delete=models.PROTECT, related_name="attempt")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.CHECKING)
    submitted_at = models.DateTimeField()

    class Meta:
        ordering = ["submitted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["voice", "step"],
                condition=Q(status__in=["checking", "passed"]),
                name="one_live_attempt_per_step",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {str(self.pk)[:8]}"


class Challenge(models.Model):
    """A voice captcha phrase: made once, shown once, answered once."""

    class Status(models.TextChoices):
        SHOWN = "shown", "Shown"
        ANSWERED = "answered", "Answered"
        EXPIRED = "expired", "Expired"

    MOVES = {Status.SHOWN: {Status.ANSWERED, Status.EXPIRED}, Status.ANSWERED: set(), Status.EXPIRED: set()}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="challenges")
    words = models.JSONField()
    shown_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    attempt = models.OneToOneField(Attempt, null=True, blank=True, on_delete=models.PROTECT, related_name="challenge")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.SHOWN)

    class Meta:
        ordering = ["-shown_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["voice"], condition=Q(status="shown"), name="one_phrase_shown_at_a_time_per_voice"
            )
        ]

    def __str__(self) -> str:
        return f"Challenge {str(self.pk)[:8]}"


class Statement(models.Model):
    """The consent statement that the Voice Owner read aloud: which text, with which name and date."""

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="statement")
    attestation = models.ForeignKey(Attestation, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    on = models.DateField()
    text_sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"Statement {self.pk}"


class Check(models.Model):
    """One thing a machine measured: the value, what was asked for, and the sentence that people are told."""

    class Verdict(models.TextChoices):
        PASSED = "passed", "Passed"
        FAILED = "failed", "Not passed"

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="checks")
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=80)
    value = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    unit = models.CharField(max_length=20, blank=True)
    verdict = models.CharField(max_length=16, choices=Verdict.choices)
    engine = models.CharField(max_length=60)
    version = models.CharField(max_length=60)
    sentence = models.CharField(max_length=300)
    measured_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.code}: {self.verdict}"
