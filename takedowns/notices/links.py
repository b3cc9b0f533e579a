"""The links of a notice: one that shows how it stands, sent by mail; one that only takes a recording, for the page
that follows the form."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from takedowns.models import Notice
from takedowns.notices.refusals import NoticeLinkUnknown

ADD_WITHIN = timedelta(hours=2)


def status(notice: Notice) -> str:
    """Return the address where the claimant sees how the notice stands; it says nothing of anybody."""
    return settings.PUBLIC_URL + reverse("takedowns:notice", args=[_status().sign_object([notice.pk.hex])])


def at_status(token: str) -> Notice:
    """Return the notice of a link; raise NoticeLinkUnknown."""
    try:
        (pk,) = _status().unsign_object(token)
        return Notice.objects.select_related("account", "attestation").get(pk=pk)
    except (signing.BadSignature, Notice.DoesNotExist) as error:
        raise NoticeLinkUnknown() from error


def adding(notice: Notice) -> str:
    """Return the token by which somebody may add a recording to the notice they have just given."""
    return _adding().sign_object([notice.pk.hex])


def at_adding(token: str) -> Notice:
    """Return the notice of such a token within two hours; raise NoticeLinkUnknown."""
    try:
        (pk,) = _adding().unsign_object(token, max_age=ADD_WITHIN)
        return Notice.objects.get(pk=pk)
    except (signing.BadSignature, Notice.DoesNotExist) as error:
        raise NoticeLinkUnknown() from error


def _status() -> signing.Signer:
    return signing.Signer(salt="takedowns.notice")


def _adding() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="takedowns.notice.recording")
