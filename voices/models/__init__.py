"""Voice models, the people they belong to, what they are made from, and with whom they are shared.

`catalogue` holds what curated voices have besides: rights, licence terms, and their place in the catalogue.
"""

from __future__ import annotations

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Status, User
from voices.models.catalogue import CatalogueEntry as CatalogueEntry
from voices.models.catalogue import Licence as Licence
from voices.models.catalogue import LicenceAcceptance as LicenceAcceptance
from voices.models.catalogue import RightsRecord as RightsRecord


class VoiceOwner(models.Model):
    """The natural person whose voice it is, as known to one voice: consent is never carried over to another.

    A wholly synthetic voice is nobody's: its name is empty.

    What is made from this person's voice is encrypted under a data key of this row (`vault_owner`), so that destroying
    the key destroys every copy of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField("full name", max_length=120, blank=True)
    sealed_name = models.BinaryField(blank=True, editable=False, help_text="once the account is erased: as evidence")
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

    def listed(self, *, on: date) -> VoiceQuerySet:
        """Return the curated voices that stand in the catalogue on a day: published, and their rights in force."""
        return self.active().filter(
            kind=Voice.Kind.CURATED,
            entry__status=CatalogueEntry.Status.PUBLISHED,
            pk__in=RightsRecord.objects.in_force(on=on).values("voice"),
        )

    def shared_with(self, account: User) -> VoiceQuerySet:
        """Return the voices of others that this account may speak with at this moment."""
        return self.active().filter(pk__in=VoiceShare.objects.usable().filter(account=account).values("voice"))


class Voice(models.Model):
    """A synthetic voice of one person, or of none: what it is called, whose it is, and how far it has come.

    A personal voice is private to its account (A1); a curated one belongs to no account and stands in the catalogue.
    """

    class Kind(models.TextChoices):
        PERSONAL = "personal", "Personal"
        CURATED = "curated", "Curated"

    class Whose(models.TextChoices):
        SELF = "self", "My own voice"
        THIRD_PARTY = "third_party", "Somebody else's voice"

    class Tier(models.TextChoices):
        INSTANT = "instant", "Instant"
        PREMIUM = "premium", "Premium"

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
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="voices"
    )
    owner = models.OneToOneField(VoiceOwner, on_delete=models.PROTECT, related_name="voice")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.PERSONAL)
    whose = models.CharField(max_length=16, choices=Whose.choices, blank=True)
    tier = models.CharField(max_length=16, choices=Tier.choices, default=Tier.INSTANT)
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
            ),
            models.CheckConstraint(
                condition=Q(kind="personal", account__isnull=False, whose__in=["self", "third_party"])
                | Q(kind="curated", account__isnull=True, whose=""),
                name="a_personal_voice_has_an_account_a_curated_one_none",
            ),
            models.CheckConstraint(
                condition=Q(tier="instant") | Q(tier="premium", whose="self"), name="a_premium_voice_is_ones_own"
            ),
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


class RecordingFingerprint(models.Model):
    """By what a recording is known again when it is handed in a second time, sealed (velluto/audio/fingerprint.py)."""

    recording = models.OneToOneField(Recording, on_delete=models.CASCADE, related_name="fingerprint")
    version = models.CharField(max_length=20)
    sealed = models.BinaryField(editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Fingerprint of {self.recording_id}"


class Resemblance(models.Model):
    """That a voice sounded like one of another account when it was compared last: by how much."""

    voice = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="resemblances")
    other = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["-score"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["voice", "other"], name="a_pair_resembles_once")]

    def __str__(self) -> str:
        return f"{self.voice} sounds like {self.other}"


class VoiceShareQuerySet(models.QuerySet["VoiceShare"]):
    def standing(self) -> VoiceShareQuerySet:
        """Return the shares that have not ended."""
        return self.filter(status=VoiceShare.Status.SHARED)

    def usable(self) -> VoiceShareQuerySet:
        """Return the shares that let somebody speak: they stand, and neither account is barred."""
        return self.standing().filter(account__status=Status.ACTIVE, voice__account__status=Status.ACTIVE)


class VoiceShare(models.Model):
    """That a named account may speak with somebody's personal voice; it hears no recording and manages nothing."""

    class Status(models.TextChoices):
        SHARED = "shared", "Shared"
        ENDED = "ended", "Ended"

    MOVES = {Status.SHARED: {Status.ENDED}, Status.ENDED: set()}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="shares")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shared_voices")
    agreement = models.TextField(help_text="what was agreed to when it was shared, word for word")
    shared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.SHARED)

    objects = VoiceShareQuerySet.as_manager()

    class Meta:
        ordering = ["-shared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["voice", "account"], condition=Q(status="shared"), name="shared_once_with_each_account"
            )
        ]

    def __str__(self) -> str:
        return f"Share {str(self.pk)[:8]}"
