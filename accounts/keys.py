"""The only writer of API keys: make, revoke, and let in by one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import policies, refusals
from accounts.models import ApiKey, User
from velluto import audit

MARK = "vel_"  # secret scanners find a leaked key by it
SHOWN = 10  # characters by which a person knows a key again


@transaction.atomic
def create(user: User, *, id: UUID, name: str, scopes: list[str], days: int, at: datetime | None = None) -> str:
    """Make a key and return its secret, which is kept nowhere; raise ApiKeysTooMany, ApiKeyExists, AccountSuspended."""
    at = at or timezone.now()
    account = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    policies.require_active(account.status)
    if ApiKey.objects.filter(pk=id).exists():
        raise refusals.ApiKeyExists
    policies.require_room_for_a_key(account.api_keys.in_use(at=at).count())
    secret = MARK + secrets.token_urlsafe(32)
    key = ApiKey(
        id=id,
        user=account,
        name=name,
        prefix=secret[:SHOWN],
        digest=_digest(secret),
        scopes=sorted(scopes),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    key.save(force_insert=True)
    audit.record(
        "accounts.apikey.created", actor=account, subject=key, data={"scopes": key.scopes, "expires": key.expires_at}
    )
    return secret


@transaction.atomic
def revoke(key: ApiKey, *, actor: User, reason: str = "") -> None:
    """End a key for good; a second call changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        audit.record("accounts.apikey.revoked", actor=actor, subject=key, reason=reason)


def let_in(secret: str, *, at: datetime | None = None) -> ApiKey:
    """Return the key of a secret and count this call; raise ApiKeyInvalid, AccountSuspended or ApiCallsTooMany.

    Calls are counted in the key's own row by one conditional update, so the limit holds however many processes ask.
    """
    at = at or timezone.now()
    key = ApiKey.objects.in_use(at=at).select_related("user").filter(digest=_digest(secret)).first()
    if key is None:
        raise refusals.ApiKeyInvalid
    policies.require_active(key.user.status)
    minute, row = at.replace(second=0, microsecond=0), ApiKey.objects.filter(pk=key.pk, revoked_at=None)
    row.exclude(minute=minute).update(minute=minute, calls=0)
    if not row.filter(calls__lt=settings.API_CALLS_PER_MINUTE).update(calls=F("calls") + 1, last_used_at=at):
        raise refusals.ApiCallsTooMany
    return key


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
