"""Who somebody is, and what they may spend."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.texts.models import LegalText as LegalText
from accounts.texts.models import TextAcceptance as TextAcceptance


class Status(models.TextChoices):
    ACTIVE = "active", "active"
    SUSPENDED = "suspended", "suspended"
    TERMINATED = "terminated", "terminated"
    ERASED = "erased", "erased"


# A termination can be lifted on appeal (J2); what its holder had erased cannot come back.
MOVES: dict[str, frozenset[str]] = {
    Status.ACTIVE: frozenset({Status.SUSPENDED, Status.TERMINATED, Status.ERASED}),
    Status.SUSPENDED: frozenset({Status.ACTIVE, Status.TERMINATED, Status.ERASED}),
    Status.TERMINATED: frozenset({Status.ACTIVE, Status.ERASED}),
    Status.ERASED: frozenset(),
}
CLOSED = (Status.TERMINATED, Status.ERASED)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person of 18 or over with an account; the e-mail address is the login."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(
        "e-mail address", unique=True, error_messages={"unique": "There is an account with this address."}
    )
    full_name = models.CharField(
        "full name", max_length=120, help_text="As you say it aloud: you will read it in your consent statement."
    )
    display_name = models.CharField(
        "display name", max_length=60, blank=True, help_text="What Velluto calls you. Empty: your full name."
    )
    adult_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE, editable=False)
    is_staff = models.BooleanField("staff", default=False, help_text="May enter the admin, with a second factor.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    MOVES = MOVES
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="user_status_known"),
        ]
        permissions = [("grant_credits", "Can grant credits to an account")]

    def __str__(self) -> str:
        return self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Tell whether the person may sign in: a suspended one may, to read the reasons, export and withdraw."""
        return self.status not in CLOSED

    @property
    def vault_owner(self) -> str:
        """Whose key the vault encrypts this account's scripts and outputs under."""
        return f"account:{self.pk}"

    @property
    def is_erased(self) -> bool:
        return self.status == Status.ERASED

    @property
    def is_suspended(self) -> bool:
        return self.status == Status.SUSPENDED

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.display_name or self.full_name


class LedgerIsAppendOnly(TypeError):
    """Something tried to change or delete a ledger entry; write a new one instead."""


class CreditEntryQuerySet(models.QuerySet["CreditEntry"]):
    def total(self) -> int:
        """Return the sum in characters."""
        return self.aggregate(total=models.Sum("characters"))["total"] or 0

    def update(self, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly

    def delete(self) -> NoReturn:
        raise LedgerIsAppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly


class CreditEntry(models.Model):
    """One line of the ledger of credits: signed characters, written once and never changed."""

    class Kind(models.TextChoices):
        ALLOWANCE = "allowance", "free allowance"
        PURCHASE = "purchase", "credits added"
        DEBIT = "debit", "speech"
        REFUND = "refund", "returned"
        FORFEIT = "forfeit", "forfeited"
        RESTORE = "restore", "given back"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="credit_entries")
    kind = models.CharField(max_length=12, choices=Kind)
    characters = models.BigIntegerField(help_text="Positive adds, negative spends.")
    reference = models.CharField(max_length=120, help_text="What this belongs to; once per reference and kind.")
    reason = models.CharField(max_length=300, blank=True)
    actor = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Who granted it."
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = CreditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "credit entries"
        constraints = [
            models.UniqueConstraint(fields=["reference", "kind"], name="credit_entry_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["debit", "forfeit"], characters__lt=0)
                | models.Q(kind__in=["allowance", "purchase", "refund", "restore"], characters__gt=0),
                name="credit_entry_sign",
            ),
        ]
        indexes = [models.Index(fields=["user", "-created_at"], name="credit_entry_by_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.characters:+,}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise LedgerIsAppendOnly
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly

    @property
    def signed(self) -> str:
        """Return the characters as people read them, with sign and thousands."""
        return f"{self.characters:+,}".replace("-", "\N{MINUS SIGN}")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def in_use(self, *, at: datetime) -> ApiKeyQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=at)


class ApiKey(models.Model):
    """What a program signs in with. The secret is shown once; only its SHA-256 stays, enough for 256 random bits."""

    class Scope(models.TextChoices):
        DETECTIONS = "detections", "Ask the detector"
        REPORTS = "reports", "Report what was made here"
        ACCOUNT = "account", "Read who you are and your credits"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField("name", max_length=60, help_text="What the key is for. Only you see it.")
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    minute = models.DateTimeField(null=True, blank=True, editable=False, help_text="The minute that `calls` counts.")
    calls = models.PositiveIntegerField(default=0, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API key"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def state(self) -> str:
        """Return how the key stands at this moment, in a word."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "in use"

    @property
    def allows(self) -> list[str]:
        """Return what the key may do, in words."""
        return [self.Scope(scope).label for scope in self.scopes]


class SanctionQuerySet(models.QuerySet["Sanction"]):
    def standing(self, *, at: datetime) -> SanctionQuerySet:
        """Return those that hold at a time: begun, not lifted, not over."""
        return self.filter(models.Q(ends_at=None) | models.Q(ends_at__gt=at), lifted_at=None, starts_at__lte=at)


class Sanction(models.Model):
    """What was imposed on an account, why, from when until when, and by which decision; it can be lifted."""

    class Kind(models.TextChoices):
        SUSPENSION = "suspension", "Suspension"
        TERMINATION = "termination", "Termination"
        FORFEITURE = "forfeiture", "Forfeiture of credits"
        POLICE = "police", "Referral to the police"
        HOLD = "hold", "Legal hold"
        NOTICE = "notice", "Public notice"
        RESTRICTION = "restriction", "Restriction at one's own wish"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sanctions")
    kind = models.CharField(max_length=16, choices=Kind)
    section = models.CharField(max_length=16, help_text="of the policy")
    reason = models.TextField(help_text="as the person is told it")
    decision_id = models.UUIDField(null=True, blank=True, db_index=True, help_text="the decision that it rests on")
    imposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text="empty: until it is lifted")
    secret = models.BooleanField(default=False, help_text="the person may not learn of it")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = SanctionQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["account", "kind"], name="sanctions_by_account")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {str(self.pk)[:8]}"

    @property
    def reference(self) -> str:
        """What the ledger calls this sanction."""
        return f"sanction:{self.pk}"


class StrikeQuerySet(models.QuerySet["Strike"]):
    def in_force(self, *, at: datetime) -> StrikeQuerySet:
        return self.filter(expires_at__gt=at)


class Strike(models.Model):
    """A warning that counts for a while when the next decision is made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(User, on_delete=models.PROTECT, related_name="strikes")
    section = models.CharField(max_length=16, help_text="of the policy")
    reason = models.TextField(help_text="as the person is told it")
    decision_id = models.UUIDField(null=True, blank=True, db_index=True)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = StrikeQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"Strike {str(self.pk)[:8]}"


class FormerAddress(models.Model):
    """A terminated account's e-mail address as a keyed digest, so that its return is noticed without keeping it."""

    account = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_addresses")
    digest = models.CharField(max_length=64, db_index=True)
    noted_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="former_address_once")]

    def __str__(self) -> str:
        return f"A former address of {self.account_id}"
