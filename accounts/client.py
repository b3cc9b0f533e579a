"""Who asks, and from where."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from accounts.models import User


class SignedIn(HttpRequest):
    """A request behind `login_required` or the admin's door: there is a user."""

    user: User


def address(request: HttpRequest) -> str:
    """Return the caller's address, believing as many proxies as TRUSTED_PROXIES says."""
    return str(get_adapter(request).get_client_ip(request))


def keyed(purpose: str, address: str) -> str:
    """Return a keyed digest of who asks; in IPv6 of the network of 64 bits, of which one caller has all addresses."""
    with suppress(ValueError):
        known = ip_address(address)
        if isinstance(known, IPv6Address) and known.ipv4_mapped is None:
            address = str(ip_network((address, 64), strict=False))
    return salted_hmac(f"velluto.{purpose}", address).hexdigest()[:32]
