"""What a Voice Owner has in their hands: a link to the portal, and the request of somebody who has none."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from voices.models import Voice


class OwnerRequest(models.Model):
    """Somebody says that a voice here is theirs, and what they want of it; name and address are sealed."""

    class Status(models.TextChoices):
        ASKED = "asked", "Waiting for the recordings"
        MATCHING = "matching", "Being compared"
        REVIEW = "review", "With a moderator"
        CONFIRMED = "confirmed", "Being carried out"
        DONE = "done", "Carried out"
        REFUSED = "refused", "Not confirmed"
        LAPSED = "lapsed", "Nothing came of it"

    MOVES = {
        Status.ASKED: {Status.MATCHING, Status.LAPSED},
        Status.MATCHING: {Status.REVIEW},
        Status.REVIEW: {Status.CONFIRMED, Status.REFUSED},
        Status.CONFIRMED: {Status.DONE},
        Status.DONE: set(),
        Status.REFUSED: {Status.REVIEW, Status.LAPSED},
        Status.LAPSED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.BinaryField(editable=False, help_text="name, e-mail address and what they know of it, sealed")
    delete_model = models.BooleanField("delete the voice")
    cease = models.BooleanField("stop using it")
    copy = models.BooleanField("send a copy of the recordings")
    requester = models.CharField(max_length=64, db_index=True, help_text="keyed digest of the e-mail address")
    client = models.CharField(max_length=64, db_index=True, help_text="keyed digest of the caller's network address")
    received_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True, help_text="when the e-mail address answered")
    decided_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ASKED)

    class Meta:
        ordering = ["-received_at"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["received_at"], name="owner_requests_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(delete_model=True) | Q(cease=True) | Q(copy=True), name="an_owner_asks_for_something"
            )
        ]

    def __str__(self) -> str:
        return f"Owner's request {str(self.pk)[:8]}"

    @property
    def vault_owner(self) -> str:
        return f"owner-request:{self.pk}"


class OwnerPhrase(models.Model):
    """A phrase that was shown to somebody who says that a voice is theirs: answered once."""

    class Status(models.TextChoices):
        SHOWN = "shown", "Shown"
        ANSWERED = "answered", "Answered"
        EXPIRED = "expired", "Expired"

    MOVES = {Status.SHOWN: {Status.ANSWERED, Status.EXPIRED}, Status.ANSWERED: set(), Status.EXPIRED: set()}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(OwnerRequest, on_delete=models.PROTECT, related_name="phrases")
    words = models.JSONField()
    shown_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.SHOWN)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(status="shown"), name="one_phrase_shown_at_a_time_per_request"
            )
        ]

    def __str__(self) -> str:
        return f"Phrase {str(self.pk)[:8]}"


class OwnerRecording(models.Model):
    """What somebody read aloud to show whose voice they have; kept under the request's own key, and never published."""

    class Step(models.TextChoices):
        SAMPLE = "sample", "Sample"
        CAPTCHA = "captcha", "Phrase"

    class Status(models.TextChoices):
        CHECKING = "checking", "Being checked"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Not passed"
        SET_ASIDE = "set_aside", "Does not count"

    MOVES = {
        Status.CHECKING: {Status.PASSED, Status.FAILED, Status.SET_ASIDE},
        Status.PASSED: set(),
        Status.FAILED: set(),
        Status.SET_ASIDE: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(OwnerRequest, on_delete=models.PROTECT, related_name="recordings")
    step = models.CharField(max_length=16, choices=Step.choices)
    phrase = models.OneToOneField(
        OwnerPhrase, null=True, blank=True, on_delete=models.PROTECT, related_name="recording"
    )
    object = models.CharField(max_length=200, editable=False)
    seconds = models.FloatField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    findings = models.JSONField(default=list)
    voiceprint = models.BinaryField(editable=False, help_text="sealed; empty where there was too little speech")
    engine = models.CharField(max_length=60, blank=True)
    version = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.CHECKING)

    class Meta:
        ordering = ["received_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["request", "step"],
                condition=Q(status__in=["checking", "passed"]),
                name="one_live_recording_per_step",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {str(self.pk)[:8]}"

    @property
    def vault_purpose(self) -> str:
        return f"owner.{self.step}"


class OwnerMatch(models.Model):
    """A voice that sounds like whoever asked, and whether a moderator found it to be theirs."""

    request = models.ForeignKey(OwnerRequest, on_delete=models.PROTECT, related_name="matches")
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField(null=True, blank=True, help_text="cosine; empty: named by a moderator")
    chosen = models.BooleanField(default=False, help_text="found to be the voice of whoever asked")
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    honoured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-score", "pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["request", "voice"], name="each_voice_once_in_a_request")]

    def __str__(self) -> str:
        return f"Match {self.pk}"


class PortalLink(models.Model):
    """The way to their portal of a Voice Owner whom a human confirmed: of its token only a digest can be looked up."""

    class Status(models.TextChoices):
        LIVE = "live", "Works"
        CLOSED = "closed", "Closed"

    MOVES = {Status.LIVE: {Status.CLOSED}, Status.CLOSED: set()}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="portal_links")
    request = models.ForeignKey(OwnerRequest, on_delete=models.PROTECT, related_name="links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField(editable=False, help_text="the token under the request's key, to be sent again")
    made_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.LIVE)

    class Meta:
        ordering = ["-made_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["voice"], condition=Q(status="live"), name="one_live_portal_per_voice")
        ]

    def __str__(self) -> str:
        return f"Portal link {str(self.pk)[:8]}"
