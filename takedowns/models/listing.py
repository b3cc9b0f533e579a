"""Asking to be put on the No-Go list: by the person, without an account, proven by their voice."""

from __future__ import annotations

import uuid

from django.db import models


class ListingRequest(models.Model):
    """That somebody asks that their voice is never cloned here. What they write and say is sealed under a key.

    The recordings are deleted as soon as they are checked, the key once the answer is sent.
    """

    class Status(models.TextChoices):
        ASKED = "asked", "Waiting for the person's voice"
        CHECKING = "checking", "Being checked"
        WAITING = "waiting", "Waiting for a custodian"
        LISTED = "listed", "Put on the list"
        REFUSED = "refused", "Refused"
        LAPSED = "lapsed", "Not proven in time"

    MOVES = {
        Status.ASKED: {Status.CHECKING, Status.LAPSED},
        Status.CHECKING: {Status.ASKED, Status.WAITING},
        Status.WAITING: {Status.LISTED, Status.REFUSED},
        Status.LISTED: set(),
        Status.REFUSED: set(),
        Status.LAPSED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sealed = models.BinaryField(editable=False, help_text="names, reason and e-mail address")
    token_sha256 = models.CharField(max_length=64, unique=True)
    client = models.CharField(max_length=32, db_index=True, help_text="keyed digest of the network address")
    asker = models.CharField(max_length=32, db_index=True, help_text="keyed digest of the e-mail address")
    asked_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    words = models.JSONField(default=list)
    shown_at = models.DateTimeField(null=True, blank=True)
    phrases = models.PositiveSmallIntegerField(default=0, help_text="how many were shown")
    sample = models.CharField(max_length=200, blank=True, editable=False)
    phrase = models.CharField(max_length=200, blank=True, editable=False)
    findings = models.JSONField(default=list, help_text="what the last check of the recordings found")
    tries = models.PositiveSmallIntegerField(default=0)
    voiceprint = models.BinaryField(null=True, editable=False)
    engine = models.CharField(max_length=60, blank=True)
    version = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ASKED)

    class Meta:
        ordering = ["-asked_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"Listing request {str(self.pk)[:8]}"

    @property
    def vault_owner(self) -> str:
        return f"listing:{self.pk}"
