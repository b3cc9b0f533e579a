"""What curated voices have besides: the rights to publish them, licence terms, and a place in the catalogue."""

from __future__ import annotations

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from velluto import engines


class RightsRecordQuerySet(models.QuerySet["RightsRecord"]):
    def in_force(self, *, on: date) -> RightsRecordQuerySet:
        """Return the records that allow a publication on a day; the last day counts."""
        return self.filter(
            Q(valid_until=None) | Q(valid_until__gte=on), status=RightsRecord.Status.GRANTED, valid_from__lte=on
        )


class RightsRecord(models.Model):
    """What lets a curated voice be published: who granted it, for how long, where and for what. Never changed."""

    class Origin(models.TextChoices):
        LICENCE = "licence", "Licence"
        ACTOR = "actor", "Agreement with the actor"
        SYNTHETIC = "synthetic", "Wholly synthetic, of no real person"

    class Status(models.TextChoices):
        GRANTED = "granted", "Granted"
        ENDED = "ended", "Ended before its time"

    MOVES = {Status.GRANTED: {Status.ENDED}, Status.ENDED: set()}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.ForeignKey("voices.Voice", on_delete=models.PROTECT, related_name="rights")
    origin = models.CharField(max_length=16, choices=Origin.choices)
    granted_by = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="the last day; only what is nobody's has no end")
    territory = models.CharField(max_length=200, default="worldwide")
    uses = models.CharField(max_length=400, default="all uses that the licence terms allow")
    document = models.CharField(max_length=200, blank=True, editable=False)
    document_sha256 = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.GRANTED)

    objects = RightsRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(origin="synthetic") | Q(valid_until__isnull=False), name="rights_of_a_person_end"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="rights_end_after_they_begin"
            ),
            models.CheckConstraint(condition=~Q(granted_by=""), name="somebody_granted_the_rights"),
        ]

    def __str__(self) -> str:
        return f"Rights {str(self.pk)[:8]}"


class CatalogueEntry(models.Model):
    """How a curated voice stands in the catalogue, and what people find it by."""

    class Gender(models.TextChoices):
        FEMALE = "female", "Female"
        MALE = "male", "Male"
        NEUTRAL = "neutral", "Neutral"

    class Style(models.TextChoices):
        NARRATION = "narration", "Narration"
        CONVERSATION = "conversation", "Conversation"
        ANNOUNCEMENT = "announcement", "Announcement"
        CHARACTER = "character", "Character"

    class Status(models.TextChoices):
        DRAFT = "draft", "Not published yet"
        PUBLISHED = "published", "Published"
        UNPUBLISHED = "unpublished", "Taken out"
        EXPIRED = "expired", "Rights have ended"

    MOVES = {
        Status.DRAFT: {Status.PUBLISHED},
        Status.PUBLISHED: {Status.UNPUBLISHED, Status.EXPIRED},
        Status.UNPUBLISHED: {Status.PUBLISHED},
        Status.EXPIRED: {Status.PUBLISHED},
    }

    voice = models.OneToOneField("voices.Voice", primary_key=True, on_delete=models.PROTECT, related_name="entry")
    language = models.CharField(max_length=16)
    style = models.CharField(max_length=16, choices=Style.choices)
    gender = models.CharField("gender presentation", max_length=16, choices=Gender.choices)
    description = models.CharField(max_length=400, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.DRAFT)
    status_changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "catalogue entries"
        permissions = [("publish_voice", "Can publish curated voices and take them out")]

    def __str__(self) -> str:
        return f"Entry {str(self.pk)[:8]}"

    @property
    def language_name(self) -> str:
        return engines.speech().languages.get(self.language, self.language)


class Licence(models.Model):
    """The terms under which a curated voice may be used, in one version; a later version has to be accepted anew."""

    voice = models.ForeignKey("voices.Voice", on_delete=models.PROTECT, related_name="licences")
    version = models.CharField(max_length=20)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    in_use_from = models.DateTimeField()

    class Meta:
        ordering = ["-in_use_from", "-pk"]
        constraints = [models.UniqueConstraint(fields=["voice", "version"], name="one_licence_text_per_version")]

    def __str__(self) -> str:
        return f"Licence {self.version}"


class LicenceAcceptance(models.Model):
    """That an account accepted a version of a curated voice's terms; written once."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="licences")
    voice = models.ForeignKey("voices.Voice", on_delete=models.PROTECT, related_name="acceptances")
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="acceptances")
    text_sha256 = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()

    class Meta:
        ordering = ["-accepted_at"]
        constraints = [
            models.UniqueConstraint(fields=["account", "licence"], name="a_licence_is_accepted_once_per_account")
        ]

    def __str__(self) -> str:
        return f"Acceptance {self.pk}"
