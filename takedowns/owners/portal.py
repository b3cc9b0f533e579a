"""What a Voice Owner sees of their voice: what exists of it and what it was used for, never what it said or where."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Sum
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from consent import invitations
from consent.models import ConsentRecord, Invitation, OwnerLink
from consent.refusals import OwnerLinkUnknown
from consent.services import Actor
from synthesis.models import SpeechRequest
from takedowns import cascade, certificates
from takedowns.models import PortalLink, Revocation
from voices.models import Voice, VoiceShare

USES_ON_A_PAGE = 25


@dataclass(frozen=True)
class Door:
    """A voice, its owner as the audit calls them, and how they came: by a link (its token), or signed in."""

    voice: Voice
    actor: Actor
    token: str = ""
    verified: bool = False  # by a human, after a request: they need not know the account

    def to(self, page: str = "portal") -> str:
        """Return the address of a page of the portal, on this side of it."""
        if self.token:
            return reverse(f"owners:{page}", args=[self.token])
        return reverse(f"owners:own-{page}", args=[self.voice.pk])


def at_link(token: str) -> Door:
    """Return the door that a token opens: a signed receipt's, or a confirmed owner's; raise OwnerLinkUnknown."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    links = PortalLink.objects.filter(token_sha256=digest, status=PortalLink.Status.LIVE)
    link = links.select_related("voice__owner", "voice__account").first()
    voice = link.voice if link else invitations.follow(token, OwnerLink.Purpose.RECEIPT).invitation.voice
    return Door(voice, voice.owner.vault_owner, token, verified=link is not None)


def at_account(account: User, voice_id: UUID | str) -> Door:
    """Return the door of an account to its holder's own voice; raise OwnerLinkUnknown.

    Where a human confirmed that somebody else is the owner, the account is it no longer.
    """
    own = Voice.objects.filter(pk=voice_id, account=account, owner__account=account)
    voice = own.exclude(portal_links__status=PortalLink.Status.LIVE).select_related("owner", "account").first()
    if voice is None:
        raise OwnerLinkUnknown()
    return Door(voice, account)


def shown(door: Door, *, page: str | int = 1) -> dict[str, Any]:
    """Return everything the portal shows."""
    voice = door.voice
    invitation = Invitation.objects.filter(voice=voice).first()
    record = ConsentRecord.objects.filter(voice=voice).first()
    return {
        "voice": voice,
        "door": door,
        "by_link": bool(door.token),
        **_addresses(door),
        "invitation": None if door.verified else invitation,
        "consent": invitation.consent if invitation else None,
        "granted": invitation.granted if invitation else None,
        "record": record,
        "paused": bool(record and record.status == ConsentRecord.Status.PAUSED),
        "may_pause": bool(record and record.status == ConsentRecord.Status.IN_FORCE),
        "gone": voice.status == Voice.Status.DELETED,
        "recordings": voice.recordings.order_by("received_at"),
        "shared_with": VoiceShare.objects.standing().filter(voice=voice).count(),
        "today": timezone.localdate(),
        "uses": _uses(voice, page),
        "total": _spoken(voice).aggregate(count=Count("pk"), seconds=Sum("output__seconds")),
        **_end(voice),
    }


def _addresses(door: Door) -> dict[str, str]:
    """Return where the portal's buttons lead; who is signed in ends a voice on its own page."""
    pages = {f"{page}_url": door.to(page) for page in ("pause", "resume", "copy")}
    if door.token:
        pages |= {f"{page}_url": door.to(page) for page in ("scope", "end")}
    else:
        pages["end_url"] = reverse("takedowns:withdraw", args=[door.voice.pk])
    return pages


def _spoken(voice: Voice) -> Any:
    return SpeechRequest.objects.filter(voice=voice, status=SpeechRequest.Status.DONE)


def _uses(voice: Voice, page: str | int) -> Page[Any]:
    """Return what the voice said: when, what for, in which language, how long, and what kind of account asked."""
    columns = ("requested_at", "purpose", "language", "output__seconds", "account_id")
    rows = _spoken(voice).order_by("-requested_at", "pk").values(*columns)
    found = Paginator(rows, USES_ON_A_PAGE).get_page(page)
    purposes = dict(SpeechRequest.Purpose.choices)
    found.object_list = [
        {
            "at": row["requested_at"],
            "purpose": purposes.get(row["purpose"], row["purpose"]),
            "language": row["language"],
            "seconds": row["output__seconds"],
            "shared": row["account_id"] != voice.account_id,
        }
        for row in found.object_list
    ]
    return found


def _end(voice: Voice) -> dict[str, Any]:
    """Return how far the end of a voice has come."""
    revocation = Revocation.objects.filter(voice=voice).first()
    if revocation is None:
        return {"revocation": None}
    done = {step.step: step for step in revocation.steps.all()}
    copy_waits = revocation.copy_open(timezone.now())
    return {
        "revocation": revocation,
        "steps": [{"name": name, "done": done.get(name)} for name, _, _ in cascade.STEPS],
        "outputs": done["outputs"].receipt if "outputs" in done else {},
        "copy_link": certificates.link(revocation, "copy") if copy_waits else "",
        "certificate": certificates.link(revocation, "certificate") if revocation.certificate else "",
    }
