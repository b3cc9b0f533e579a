"""The link to one privacy request, for whoever reads the mail of its address: to confirm it, to see what came of it."""

from __future__ import annotations

from typing import NoReturn

from django.conf import settings
from django.core import signing
from django.urls import reverse

from takedowns.models import PrivacyRequest
from takedowns.privacy.refusals import PrivacyLinkUnknown


def to(request: PrivacyRequest) -> str:
    return settings.PUBLIC_URL + path(request)


def path(request: PrivacyRequest) -> str:
    return reverse("takedowns:privacy-request", args=[_signer().sign_object([request.pk.hex])])


def gone() -> NoReturn:
    """Say of a link that it leads nowhere any more."""
    raise PrivacyLinkUnknown()


def at(token: str) -> PrivacyRequest:
    """Return the request of a link; raise PrivacyLinkUnknown."""
    try:
        (pk,) = _signer().unsign_object(token)
        return PrivacyRequest.objects.select_related("account").get(pk=pk)
    except (signing.BadSignature, PrivacyRequest.DoesNotExist) as error:
        raise PrivacyLinkUnknown() from error


def _signer() -> signing.Signer:
    return signing.Signer(salt="takedowns.privacy")
