"""Where a request comes from."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """Return the caller's address, believing as many proxies as TRUSTED_PROXIES says."""
    return str(get_adapter(request).get_client_ip(request))
