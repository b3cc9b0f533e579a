"""The link by which somebody keeps a voice that would go."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from takedowns.models import InactivityNotice
from takedowns.retention.refusals import KeepLinkUnknown


def to(notice: InactivityNotice) -> str:
    return settings.PUBLIC_URL + reverse("takedowns:keep", args=[_signer().sign_object([notice.pk.hex])])


def at(token: str) -> InactivityNotice:
    """Return the notice of a link; raise KeepLinkUnknown."""
    try:
        (pk,) = _signer().unsign_object(token)
        return InactivityNotice.objects.select_related("voice__owner").get(pk=pk)
    except (signing.BadSignature, InactivityNotice.DoesNotExist) as error:
        raise KeepLinkUnknown() from error


def _signer() -> signing.Signer:
    return signing.Signer(salt="takedowns.keep")
