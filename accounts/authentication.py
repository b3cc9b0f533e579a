"""How programs sign in to the API: `Authorization: Bearer vel_...`."""

from __future__ import annotations

from typing import Any, cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import keys, refusals
from accounts.models import ApiKey, User


class ApiKeyAuthentication(BaseAuthentication):
    """Let a key in; a call that brings none is anonymous, and one that brings a bad one is refused."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        kind, _, secret = header.partition(" ")
        if kind.lower() != "bearer":
            raise refusals.ApiKeyInvalid
        key = keys.let_in(secret.strip())
        return key.user, key


def key_of(request: Request) -> ApiKey | None:
    """Return the key that a call came with."""
    return cast("ApiKey | None", request.auth)


class May(BasePermission):
    """Refuse a key without the scope, and callers without a key unless they may be `anonymous`."""

    scope: str
    anonymous = False

    def has_permission(self, request: Request, view: Any) -> bool:
        key = key_of(request)
        if key is None:
            if not self.anonymous:
                raise refusals.ApiKeyInvalid
        elif self.scope not in key.scopes:
            raise refusals.ApiScopeMissing
        return True


class MayReadAccount(May):
    scope = ApiKey.Scope.ACCOUNT


class MayReport(May):
    scope = ApiKey.Scope.REPORTS


class MayGiveNotice(May):
    """Anybody may give notice; a key lets a partner see how theirs stand, and give more."""

    scope = ApiKey.Scope.REPORTS
    anonymous = True


class MayAskDetector(May):
    """The detector is public; a key only raises the limit, so it must be one made for it."""

    scope = ApiKey.Scope.DETECTIONS
    anonymous = True
