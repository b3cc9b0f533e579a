"""Voice models, the people they belong to, and the recordings and voiceprints they are made from."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class VoiceOwner(models.Model):
    """The natural person whose voice it is, as known to one voice: consent is never carried over to another.

    What is made from this person's voice is encrypted under a data key of this row (`vault_owner`), so that destroying
    the key destroys every copy of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField("full name", max_length=120)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_voices"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Voice Owner {str(self.pk)[:8]}"

    @property
    def vault_owner(self) -> str:
        return f"voice-owner:{self.pk}"


class VoiceQuerySet(models.QuerySet["Voice"]):
    def alive(self) -> VoiceQuerySet:
        return self.exclude(status__in=[Voice.Status.DELETED, Voice.Status.REFUSED])

    def active(self) -> VoiceQuerySet:
        return self.filter(status=Voice.Status.ACTIVE)


class Voice(models.Model):
    """A synthetic voice of one person: what it is called, whose it is, and how far it has come."""

    class Kind(models.TextChoices):
        PERSONAL = "personal", "Personal"
        CURATED = "curated", "Curated"

    class Whose(models.TextChoices):
        SELF = "self", "My own voice"
        THIRD_PARTY = "third_party", "Somebody else's voice"

    class Status(models.TextChoices):
        DRAFT = "draft", "In the Consent Gate"
        REVIEW = "review", "With a moderator"
        BUILDING = "building", "Being built"
        BUILD_FAILED = "build_failed", "Could not be built"
        ACTIVE = "active", "Ready"
        SUSPENDED = "suspended", "Suspended"
        REFUSED = "refused", "Refused"
        DELETED = "deleted", "Deleted"

    MOVES = {
        Status.DRAFT: {Status.REVIEW, Status.DELETED},
        Status.REVIEW: {Status.DRAFT, Status.BUILDING, Status.REFUSED, Status.DELETED},
        Status.BUILDING: {Status.ACTIVE, Status.BUILD_FAILED, Status.DELETED},
        Status.BUILD_FAILED: {Status.BUILDING, Status.DELETED},
        Status.ACTIVE: {Status.SUSPENDED, Status.DELETED},
        Status.SUSPENDED: {Status.ACTIVE, Status.DELETED},
        Status.REFUSED: {Status.REVIEW, Status.DELETED},
        Status.DELETED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="voices")
    owner = models.OneToOneField(VoiceOwner, on_delete=models.PROTECT, related_name="voice")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.PERSONAL)
    whose = models.CharField(max_length=16, choices=Whose.choices)
    name = models.CharField("what to call it", max_length=80)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.DRAFT)
    status_changed_at = models.DateTimeField(auto_now_add=True)
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    artefact = models.CharField(max_length=200, blank=True, editable=False)
    artefact_engine = models.CharField(max_length=60, blank=True)
    artefact_version = models.CharField(max_length=60, blank=True)

    objects = VoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="active") | ~Q(artefact=""), name="an_active_voice_has_an_artefact"
            )
        ]

    def __str__(self) -> str:
        return f"Voice {str(self.pk)[:8]}"

    @property
    def sample(self) -> Recording | None:
        return self.recordings.filter(purpose=Recording.Purpose.SAMPLE).order_by("-received_at").first()


class Recording(models.Model):
    """A recording of a Voice Owner: re-encoded, encrypted, and never changed."""

    class Purpose(models.TextChoices):
        SAMPLE = "sample", "Sample"
        CAPTCHA = "captcha", "Voice captcha"
        STATEMENT = "statement", "Read-aloud statement"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="recordings")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    object = models.CharField(max_length=200, editable=False)
    seconds = models.FloatField()
    rate = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {str(self.pk)[:8]}"

    @property
    def vault_purpose(self) -> str:
        return f"recording.{self.purpose}"


class Voiceprint(models.Model):
    """The speaker embedding of a recording, sealed; comparable only within its engine and version."""

    recording = models.OneToOneField(Recording, on_delete=models.CASCADE, related_name="voiceprint")
    engine = models.CharField(max_length=60)
    version = models.CharField(max_length=60)
    sealed = models.BinaryField(editable=False)
    measured_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Voiceprint of {self.recording_id}"
