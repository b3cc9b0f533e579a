"""Who asks, and from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

if TYPE_CHECKING:
    from accounts.models import User


class SignedIn(HttpRequest):
    """A request behind `login_required` or the admin's door: there is a user."""

    user: User


def address(request: HttpRequest) -> str:
    """Return the caller's address, believing as many proxies as TRUSTED_PROXIES says."""
    return str(get_adapter(request).get_client_ip(request))
