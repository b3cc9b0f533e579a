"""A version of one of the operator's texts, and who accepted it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class LegalTextQuerySet(models.QuerySet["LegalText"]):
    def current(self) -> LegalTextQuerySet:
        """Return the newest version of each text."""
        newest = self.filter(kind=models.OuterRef("kind")).order_by("-number").values("number")[:1]
        return self.filter(number=models.Subquery(newest))


class LegalText(models.Model):
    """One version, as it was rendered and shown; never changed."""

    class Kind(models.TextChoices):
        TERMS = "terms", "Terms of Service"
        PRIVACY = "privacy", "Privacy Policy"
        VOICES = "voice-cloning", "Voice Cloning Consent Policy"
        USE = "acceptable-use", "Acceptable Use Policy"
        CONTACT = "contact", "Who runs this service"

    MUST_BE_ACCEPTED = (Kind.TERMS, Kind.VOICES, Kind.USE)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    number = models.PositiveIntegerField(help_text="1 is the first version")
    body = models.TextField(help_text="HTML")
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    objects = LegalTextQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-number"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="text_versions_are_numbered")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.number}"


class TextAcceptance(models.Model):
    """That an account accepted a version, when and from where."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="text_acceptances")
    text = models.ForeignKey(LegalText, on_delete=models.PROTECT, related_name="acceptances")
    accepted_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-accepted_at"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["account", "text"], name="a_text_is_accepted_once")]

    def __str__(self) -> str:
        return f"Acceptance {self.pk}"
