"""Somebody else's voice: invite its owner, who grants a scope in writing or declines, and can withdraw at any time.

Writes what belongs to an invitation; the steps of the gate are in `consent.services`. A link's token is 256 bits of
chance: the database finds it by its digest alone, and keeps it sealed under the Voice Owner's key to be sent again.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import policies as accounts
from accounts.models import User
from consent import policies, refusals, services
from consent.models import Attestation, Invitation, OwnerConsent, OwnerLink
from consent.never import services as never
from consent.never.policies import MINOR
from consent.policies import Scope
from velluto import audit, engines, jobs, vault
from velluto.transitions import move
from voices.models import Voice

PAGES = {  # the portal is takedowns', which knows all that there is of a voice
    OwnerLink.Purpose.INVITATION: "consent:owner-gate",
    OwnerLink.Purpose.RECEIPT: "owners:portal",
}


# ---------------------------------------------------------------------------------------------------- inviting


def invite(
    voice: Voice, *, email: str, reason: str, scope: Scope, actor: User, at: datetime | None = None
) -> OwnerLink:
    """Ask the owner of somebody else's voice for it; with an address they get a mail, else the link is shown."""
    at = at or timezone.now()
    past = scope.until is not None and scope.until < timezone.localdate(at)
    to_oneself = email.strip().casefold() == actor.email.casefold()
    if not reason.strip() or past or to_oneself or not scope.languages <= set(engines.speech().languages):
        raise refusals.InvitationUnsuitable()
    with transaction.atomic():
        services._lock(voice)
        services._expect(voice, "permission", voice.owner.vault_owner)
        accounts.require_active(actor.status)
        if Invitation.objects.filter(voice=voice).exists():
            raise refusals.AlreadyInvited()
        _require_few(actor, at)
        invitation = Invitation.objects.create(
            voice=voice, email=email.strip(), reason=reason.strip(), invited_at=at, **_fields(scope)
        )
        link = _make_link(invitation, OwnerLink.Purpose.INVITATION, at=at)
        audit.record(
            "consent.invitation.sent",
            actor=actor,
            subject=invitation,
            data={"voice": str(voice.pk), "link": str(link.pk), "by_mail": bool(email), **_facts(scope)},
        )
        return link


def invite_again(voice: Voice, *, actor: User, at: datetime | None = None) -> OwnerLink:
    """Make a new link for the owner's pages and send it; the former one dies at once."""
    at = at or timezone.now()
    with transaction.atomic():
        voice = services._lock(voice)
        accounts.require_active(actor.status)
        if voice.status not in {Voice.Status.DRAFT, Voice.Status.REVIEW}:
            raise refusals.GateClosed()
        _require_few(actor, at)
        invitation = Invitation.objects.get(voice=voice)
        for former in invitation.links.filter(purpose=OwnerLink.Purpose.INVITATION, status=OwnerLink.Status.LIVE):
            move(former, OwnerLink.Status.REVOKED, actor=actor, reason="replaced by a new link", sealed=b"")
        link = _make_link(invitation, OwnerLink.Purpose.INVITATION, at=at)
        audit.record("consent.invitation.sent_again", actor=actor, subject=invitation, data={"link": str(link.pk)})
        return link


def address(link: OwnerLink) -> str:
    """Return the address that a link is; raise the vault's errors where the owner's key is destroyed."""
    owner = link.invitation.voice.owner.vault_owner
    token = vault.unseal(owner, "owner-link", str(link.pk), bytes(link.sealed)).decode()
    return settings.PUBLIC_URL + reverse(PAGES[OwnerLink.Purpose(link.purpose)], args=[token])


def live_link(invitation: Invitation, purpose: str, at: datetime | None = None) -> OwnerLink | None:
    """Return the link of this purpose that works now."""
    link = invitation.links.filter(purpose=purpose, status=OwnerLink.Status.LIVE).first()
    return link if link and not _expired(link, at or timezone.now()) else None


def follow(token: str, purpose: str, *, at: datetime | None = None) -> OwnerLink:
    """Return the link that a token opens; every token that opens none is refused alike.

    An invitation ends with its voice; a receipt lasts, so that its holder sees what became of the voice.
    """
    link = (
        OwnerLink.objects.select_related("invitation__voice__owner", "invitation__voice__account")
        .filter(token_sha256=_digest(token), purpose=purpose, status=OwnerLink.Status.LIVE)
        .first()
    )
    if link is None or _expired(link, at or timezone.now()):
        raise refusals.OwnerLinkUnknown()
    if purpose == OwnerLink.Purpose.INVITATION and link.invitation.voice.status == Voice.Status.DELETED:
        raise refusals.OwnerLinkUnknown()
    return link


# ---------------------------------------------------------------------------------------------------- answering


def grant(
    link: OwnerLink,
    *,
    scope: Scope,
    agreed: bool,
    signature: str,
    born_on: date,
    shown_sha256: str,
    ip_address: str | None,
    user_agent: str,
    at: datetime | None = None,
) -> OwnerConsent:
    """Record a Voice Owner's written consent and what it covers; give them the link by which they can withdraw it.

    Whoever is under 18 is refused, and the invitation with them (policy 3b).
    """
    at = at or timezone.now()
    voice = link.invitation.voice
    try:
        accounts.require_adult(born_on, today=timezone.localdate(at))
    except accounts.AgeBelow18 as too_young:
        with transaction.atomic():
            decline(link, reason="the Voice Owner is under 18", at=at)
            account = User.objects.get(voices=voice)
            never.record_attempt(account, rule=MINOR, whose=voice.whose, name=voice.owner.name, voice=voice, at=at)
        raise refusals.OwnerBelow18() from too_young
    with transaction.atomic():
        invitation = _lock_open(link)
        services._lock(voice)
        services._expect(voice, "permission", voice.owner.vault_owner)
        consent = _signed(
            invitation,
            scope=scope,
            agreed=agreed,
            signature=signature,
            shown_sha256=shown_sha256,
            ip_address=ip_address,
            user_agent=user_agent,
            at=at,
        )
        receipt = _make_link(invitation, OwnerLink.Purpose.RECEIPT, at=at)
        jobs.enqueue("consent.tell_account", str(invitation.pk))
        move(
            invitation,
            Invitation.Status.GRANTED,
            actor=voice.owner.vault_owner,
            answered_at=at,
            data={
                "consent": str(consent.pk),
                "receipt": str(receipt.pk),
                "text_sha256": consent.text_sha256,
                "version": consent.attestation.version,
                **_facts(scope),
            },
        )
        return consent


def decline(link: OwnerLink, *, reason: str = "the Voice Owner declined", at: datetime | None = None) -> None:
    """Refuse for good: the voice ends here, and the account learns only that it was declined."""
    actor = link.invitation.voice.owner.vault_owner
    with transaction.atomic():
        invitation = _lock_open(link)
        services._lock(link.invitation.voice)
        jobs.enqueue("consent.tell_account", str(invitation.pk))
        answered: dict[str, Any] = {"answered_at": at or timezone.now(), "email": ""}  # who said no is not kept
        move(invitation, Invitation.Status.DECLINED, actor=actor, reason=reason, **answered)
        services.withdraw(link.invitation.voice, actor=actor, reason="the Voice Owner declined")


# ---------------------------------------------------------------------------------------------------- helpers


def _signed(
    invitation: Invitation,
    *,
    scope: Scope,
    agreed: bool,
    signature: str,
    shown_sha256: str,
    ip_address: str | None,
    user_agent: str,
    at: datetime,
) -> OwnerConsent:
    """Write a consent that was signed for no more than was asked, in the caller's transaction."""
    text = services.attestation(Attestation.Kind.VOICE_OWNER)
    if not agreed or not policies.same_name(signature, invitation.voice.owner.name):
        raise refusals.NotSigned()
    if shown_sha256 != text.sha256:
        raise refusals.RepresentationsChanged()
    if not policies.no_more_than(scope, invitation.scope):
        raise refusals.GrantTooWide()
    consent = OwnerConsent(
        invitation=invitation,
        attestation=text,
        text_sha256=text.sha256,
        signature=" ".join(signature.split()),
        # The text says each of the first four, the tick agrees to it, and the name signs it.
        explicit=True,
        specific=True,
        informed=True,
        revocable=True,
        written=True,
        adult_confirmed=True,  # at the first signature the date of birth was asked for
        signed_at=at,
        ip_address=ip_address,
        user_agent=user_agent[:400],
        **_fields(scope),
    )
    consent.save()
    return consent


def _lock_open(link: OwnerLink) -> Invitation:
    invitation = Invitation.objects.select_for_update(no_key=True).get(pk=link.invitation_id)
    if invitation.status != Invitation.Status.OPEN:
        raise refusals.InvitationAnswered()
    return invitation


def _require_few(account: User, at: datetime) -> None:
    sent = OwnerLink.objects.filter(
        invitation__voice__account=account, purpose=OwnerLink.Purpose.INVITATION, made_at__gt=at - timedelta(days=1)
    )
    if sent.count() >= policies.INVITATIONS_PER_DAY:
        raise refusals.TooManyInvitations()


def _make_link(invitation: Invitation, purpose: OwnerLink.Purpose, *, at: datetime) -> OwnerLink:
    """Make a link in the caller's transaction, and mail it where there is an address."""
    token = secrets.token_urlsafe(32)
    expires_at = at + policies.INVITATION_LASTS if purpose == OwnerLink.Purpose.INVITATION else None
    link = OwnerLink(
        invitation=invitation, purpose=purpose, token_sha256=_digest(token), made_at=at, expires_at=expires_at
    )
    link.sealed = vault.seal(invitation.voice.owner.vault_owner, "owner-link", str(link.pk), token.encode())
    link.save(force_insert=True)
    if invitation.email:
        jobs.enqueue("consent.mail_link", str(link.pk))
    return link


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _expired(link: OwnerLink, at: datetime) -> bool:
    return link.expires_at is not None and link.expires_at <= at


def _fields(scope: Scope) -> dict[str, object]:
    return {
        "commercial": scope.commercial,
        "sharing": scope.sharing,
        "languages": sorted(scope.languages),
        "until": scope.until,
    }


def _facts(scope: Scope) -> dict[str, object]:
    return {**_fields(scope), "until": scope.until.isoformat() if scope.until else None}
