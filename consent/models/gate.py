"""The steps of the gate: what was said, agreed to, signed, read aloud and measured."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from consent import policies
from voices.models import Recording, Voice


class Attestation(models.Model):
    """A text that people are asked to agree to or to read aloud, word for word, in one version of it."""

    class Kind(models.TextChoices):
        REPRESENTATIONS = "representations", "Representations and warranties"
        STATEMENT = "statement", "Read-aloud statement"
        VOICE_OWNER = "voice_owner", "What a Voice Owner is told, and signs"
        NOTICE = "notice", "What a Voice Owner swears in a takedown notice"
        NOTICE_FOR = "notice_for", "What somebody who acts for a Voice Owner swears"

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


class Scope(models.Model):
    """What a voice may be used for."""

    commercial = models.BooleanField(default=False)
    sharing = models.BooleanField(default=False)
    languages = models.JSONField(default=list, help_text="codes; empty: all")
    until = models.DateField(null=True, blank=True, help_text="the last day; empty: until it is withdrawn")

    class Meta:
        abstract = True

    @property
    def scope(self) -> policies.Scope:
        return policies.Scope(self.commercial, self.sharing, frozenset(self.languages), self.until)


class Invitation(Scope):
    """An account asks a Voice Owner for a voice, and for what. It is answered once; a refusal is final."""

    class Status(models.TextChoices):
        OPEN = "open", "Not answered yet"
        GRANTED = "granted", "Granted"
        DECLINED = "declined", "Declined"

    MOVES = {Status.OPEN: {Status.GRANTED, Status.DECLINED}, Status.GRANTED: set(), Status.DECLINED: set()}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    voice = models.OneToOneField(Voice, on_delete=models.PROTECT, related_name="invitation")
    email = models.EmailField(blank=True, help_text="the Voice Owner's; empty: the link is handed over as a QR code")
    reason = models.TextField(max_length=600)
    invited_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OPEN)
    answered_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Invitation {str(self.pk)[:8]}"

    @property
    def consent(self) -> OwnerConsent | None:
        """The consent that was signed last; it is not there before the owner has answered."""
        return self.consents.order_by("-signed_at").first()

    @property
    def granted(self) -> policies.Scope | None:
        """What the owner allows now: what was signed last, less what was taken back since."""
        signed = self.consent
        last = signed and (signed.narrowings.order_by("-made_at").first() or signed)
        return last.scope if last else None


class OwnerConsent(Scope):
    """A Voice Owner's written consent (policy 2b): what was told, what was granted, when and where it was signed.

    It is evidence: written once, with all five attributes or not at all. Whoever allows more later signs anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="consents")
    attestation = models.ForeignKey(Attestation, on_delete=models.PROTECT)
    text_sha256 = models.CharField(max_length=64)
    signature = models.CharField(max_length=120)
    explicit = models.BooleanField(help_text="given in words")
    specific = models.BooleanField(help_text="to the creation of a synthetic voice through Velluto")
    informed = models.BooleanField(help_text="after being told what it is, what it can do, and of commercial use")
    revocable = models.BooleanField(help_text="told that it can be withdrawn at any time")
    written = models.BooleanField(help_text="signed with the owner's name")
    adult_confirmed = models.BooleanField(help_text="the date of birth was asked for, and is not kept")
    signed_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(explicit=True, specific=True, informed=True, revocable=True, written=True)
                & Q(adult_confirmed=True),
                name="an_owners_consent_has_all_five_attributes",
            )
        ]

    def __str__(self) -> str:
        return f"Voice Owner's consent {str(self.pk)[:8]}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError("A Voice Owner's consent is evidence: it is written once.")
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Narrowing(Scope):
    """A Voice Owner takes back a part of what they allowed; it needs no signature. Written once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consent = models.ForeignKey(OwnerConsent, on_delete=models.PROTECT, related_name="narrowings")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Narrowing {str(self.pk)[:8]}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError("What a Voice Owner took back is evidence: it is written once.")
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class OwnerLink(models.Model):
    """A Voice Owner's way in, without an account and for one purpose. Of its token only a digest can be looked up."""

    class Purpose(models.TextChoices):
        INVITATION = "invitation", "Answer, and take the owner's steps of the gate"
        RECEIPT = "receipt", "See what there is, and withdraw"

    class Status(models.TextChoices):
        LIVE = "live", "Works"
        REVOKED = "revoked", "Replaced or closed"

    MOVES = {Status.LIVE: {Status.REVOKED}, Status.REVOKED: set()}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="links")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    token_sha256 = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField(editable=False, help_text="the token under the Voice Owner's key, to be sent again")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.LIVE)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "purpose"], condition=Q(status="live"), name="one_live_link_per_purpose"
            )
        ]

    def __str__(self) -> str:
        return f"Link {str(self.pk)[:8]}"


class ConsentRecord(models.Model):
    """That the representations were made: the exact text, when, by which account, from where.

    Only the status ever changes; everything else is evidence and stays as it was written.
    """

    class Status(models.TextChoices):
        GIVEN = "given", "Given"
        IN_FORCE = "in_force", "In force"
        PAUSED = "paused", "Paused by the Voice Owner"
        WITHDRAWN = "withdrawn", "Withdrawn"

    MOVES = {
        Status.GIVEN: {Status.IN_FORCE, Status.WITHDRAWN},
        Status.IN_FORCE: {Status.PAUSED, Status.WITHDRAWN},
        Status.PAUSED: {Status.IN_FORCE, Status.WITHDRAWN},
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
    owner_consent = models.OneToOneField(
        OwnerConsent, null=True, blank=True, on_delete=models.PROTECT, related_name="record"
    )
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.GIVEN)
    paused_at = models.DateTimeField(
        null=True, blank=True, help_text="the last time; what was asked for before then is never handed over"
    )
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
