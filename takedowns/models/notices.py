"""Takedown notices: what somebody swears about a voice, which voices that may be, and what was said to it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from consent.models import Attestation
from moderation.models import NoGoEntry
from synthesis.models import Detection
from takedowns.notices import policies
from voices.models import Voice


class Notice(models.Model):
    """That somebody gave notice, when, as whom, and what they swore. Names, addresses and words are sealed."""

    class Capacity(models.TextChoices):
        OWNER = "owner", "It is my own voice"
        REPRESENTATIVE = "representative", "I act for the person whose voice it is"

    class Issue(models.TextChoices):
        CLONE = "unauthorised_clone", "An unauthorised clone: I never allowed this voice"
        CONSENT = "consent_abuse", "Abuse of consent: it is used in a way that I did not allow, or no longer allow"
        USE = "prohibited_use", "A use that is prohibited, whoever made the voice"

    class Harm(models.TextChoices):
        NONE = "", "None of these"
        FRAUD = "fraud", "Fraud or a scam"
        SEXTORTION = "sextortion", "Sextortion: threats to publish something intimate"
        INTIMATE = "intimate", "Sexual or intimate content without consent"
        ELECTION = "election", "Manipulating an election"
        HARASSMENT = "harassment", "Harassment, threats or defamation"
        OTHER = "other", "Something else that the Acceptable Use Policy forbids"

    class Status(models.TextChoices):
        OPEN = "open", "Being looked at"
        RESOLVED = "resolved", "Resolved"
        WITHDRAWN = "withdrawn", "Withdrawn"

    MOVES = {
        Status.OPEN: {Status.RESOLVED, Status.WITHDRAWN},
        Status.RESOLVED: {Status.OPEN},  # an appeal succeeded
        Status.WITHDRAWN: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    capacity = models.CharField(max_length=16, choices=Capacity.choices)
    issue = models.CharField(max_length=20, choices=Issue.choices)
    harm = models.CharField(max_length=16, choices=Harm.choices, blank=True)
    sealed = models.BinaryField(editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    notifier = models.CharField(max_length=64, db_index=True, help_text="keyed digest of the account or e-mail address")
    client = models.CharField(max_length=64, db_index=True, help_text="keyed digest of the caller's network address")
    person = models.CharField(max_length=64, db_index=True, help_text="keyed digest of whose voice it is, by name")
    trusted = models.BooleanField(default=False, help_text="came from a trusted notifier (DSA Article 22)")
    verified_at = models.DateTimeField(null=True, blank=True, help_text="when the e-mail address answered")
    attestation = models.ForeignKey(Attestation, on_delete=models.PROTECT, related_name="+")
    text_sha256 = models.CharField(max_length=64)
    sworn_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=400, blank=True)
    wants_listing = models.BooleanField(default=False, help_text="asked to be put on the No-Go list as well")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OPEN)
    received_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    examined_at = models.DateTimeField(null=True, blank=True, help_text="when voices were last looked for")
    sample_unusable = models.BooleanField(default=False, help_text="too little speech to compare")
    print_engine = models.CharField(max_length=60, blank=True)
    print_version = models.CharField(max_length=60, blank=True)
    print_sealed = models.BinaryField(blank=True, editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(examined_at=None), name="notices_to_examine"),
            models.Index(fields=["received_at"], name="notices_by_time"),
        ]

    def __str__(self) -> str:
        return f"Notice {self.reference}"

    @property
    def reference(self) -> str:
        return self.pk.hex[:8].upper()

    @property
    def vault_owner(self) -> str:
        return f"notice:{self.pk}"

    @property
    def is_grave(self) -> bool:
        return self.harm in policies.GRAVE


class NoticeFile(models.Model):
    """What came with a notice, sealed under its key; it may come before the notice, while the form is mended."""

    class Kind(models.TextChoices):
        PROOF = "proof", "Proof of authority"
        SAMPLE = "sample", "Recording of the person's own voice"
        FOUND = "found", "Recording that was found"

    notice_id = models.UUIDField(db_index=True, help_text="the id that the notice has, or will have")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    object = models.CharField(max_length=200, blank=True, editable=False)
    content_type = models.CharField(max_length=40, blank=True)
    size = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    sha256 = models.CharField(max_length=64, blank=True)
    detection = models.ForeignKey(Detection, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    client = models.CharField(max_length=64, db_index=True)
    received_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["notice_id", "kind"], name="one_file_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sha256[:8]}"

    @property
    def vault_owner(self) -> str:
        return f"notice:{self.notice_id}"

    @property
    def vault_purpose(self) -> str:
        return f"notice.{self.kind}"


class Claim(models.Model):
    """That a notice is, or may be, about one voice: how it was found, what was done, and what was decided."""

    class Status(models.TextChoices):
        CANDIDATE = "candidate", "Found, and nobody was asked"
        OPEN = "open", "Being verified"
        UPHELD = "upheld", "Upheld: the voice was ended"
        REJECTED = "rejected", "Rejected"
        REVERSED = "reversed", "Upheld, and reversed after an appeal"
        WITHDRAWN = "withdrawn", "Withdrawn"

    MOVES = {
        Status.CANDIDATE: {Status.OPEN},
        Status.OPEN: {Status.UPHELD, Status.REJECTED, Status.WITHDRAWN},
        Status.UPHELD: {Status.REVERSED},
        Status.REJECTED: {Status.OPEN},
        Status.REVERSED: set(),
        Status.WITHDRAWN: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="claims")
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="claims")
    how = models.CharField(max_length=16, choices=policies.HOW.items())
    score = models.FloatField(null=True, blank=True, help_text="cosine of the claimant's voice and the sample's")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.CANDIDATE)
    credible = models.BooleanField(default=False, help_text="the voice stays suspended while it is verified")
    why = models.CharField(max_length=16, blank=True, help_text="why it is credible, or is not yet")
    found_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True, blank=True, help_text="when the voice was suspended because of this")
    told_at = models.DateTimeField(null=True, blank=True, help_text="when the account was told")
    decided_at = models.DateTimeField(null=True, blank=True)
    listed_as = models.ForeignKey(
        NoGoEntry, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["found_at", "pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["notice", "voice"], name="one_claim_per_notice_and_voice")]

    def __str__(self) -> str:
        return f"Claim {str(self.pk)[:8]}"


class CounterNotice(models.Model):
    """What the account that made a voice says against a notice. The words are sealed under the notice's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="counter_notice")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField(editable=False)
    filed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Counter-notice {str(self.pk)[:8]}"


class NoticeQuestion(models.Model):
    """What a moderator asks the claimant. No clock waits for the answer; without one it is decided on what there is."""

    class Status(models.TextChoices):
        ASKED = "asked", "Not answered yet"
        ANSWERED = "answered", "Answered"
        SILENT = "silent", "No answer came"
        DROPPED = "dropped", "No longer of interest"

    MOVES = {
        Status.ASKED: {Status.ANSWERED, Status.SILENT, Status.DROPPED},
        Status.ANSWERED: set(),
        Status.SILENT: set(),
        Status.DROPPED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="questions")
    claim = models.ForeignKey(Claim, null=True, blank=True, on_delete=models.PROTECT, related_name="questions")
    sealed = models.BinaryField(editable=False)
    asked_at = models.DateTimeField()
    answer_until = models.DateTimeField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ASKED)
    answer = models.BinaryField(blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["notice"], condition=models.Q(status="asked"), name="one_open_question_per_notice"
            )
        ]
        indexes = [
            models.Index(fields=["answer_until"], condition=models.Q(status="asked"), name="questions_unanswered")
        ]

    def __str__(self) -> str:
        return f"Question {str(self.pk)[:8]}"


class NotifierBar(models.Model):
    """That somebody abused notices (DSA Article 23): until then none of theirs suspends a voice by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notifier = models.CharField(max_length=64, db_index=True, help_text="keyed digest of the account or e-mail address")
    decision_id = models.UUIDField(db_index=True)
    barred_at = models.DateTimeField()
    until = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-barred_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"Bar {str(self.pk)[:8]}"
