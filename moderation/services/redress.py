"""The link by which a decision can be questioned."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core import signing
from django.urls import reverse

from moderation import policies, refusals
from moderation.models import Case, Decision


def _signer() -> signing.Signer:
    """Sign without the time: the link in the preview is the one that is sent; how long it is good for is a policy."""
    return signing.Signer(salt="moderation.appeal")


def link(case: Case, side: str) -> str:
    """Return the address where one side may question what was decided in a case; it says nothing of either."""
    token = _signer().sign_object([case.pk.hex, side])
    return settings.PUBLIC_URL + reverse("moderation:appeal", args=[token])


def at_link(token: str) -> tuple[Decision, str]:
    """Return the decision that stands in the case of a link, and the side it was given to; raise AppealLinkUnknown."""
    try:
        case, side = _signer().unsign_object(token)
    except signing.BadSignature as error:
        raise refusals.AppealLinkUnknown() from error
    standing = Decision.objects.filter(
        case=case, status__in=[Decision.Status.MADE, Decision.Status.REVERSED]
    ).select_related("case__about", "section")
    decision = standing.first()
    if decision is None:
        raise refusals.AppealLinkUnknown()
    return decision, side


def until(decision: Decision) -> datetime:
    """Return when the time to appeal against a decision ends."""
    return (decision.second_at or decision.decided_at) + policies.APPEAL_WITHIN
