"""A Voice Owner's pages, without an account: each is opened by a link and shows nothing but what that link is for."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.client import address
from accounts.models import User
from consent import invitations, refusals, services, steps
from consent.gate import Door
from consent.models import Attestation, Invitation, OwnerLink
from consent.owner_forms import GrantForm
from velluto.errors import Refusal
from voices.models import Voice


def through_link(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a page of the gate to the Voice Owner whose link it is, unless it is the inviting account that holds it."""

    @never_cache
    def view(request: HttpRequest, token: str, **options: object) -> HttpResponse:
        link = invitations.follow(token, OwnerLink.Purpose.INVITATION)
        voice = link.invitation.voice
        if request.user.is_authenticated and request.user.pk == voice.account_id:
            raise refusals.OwnDeviceNeeded()
        if User.objects.get(voices=voice).status != "active":
            raise refusals.GatePaused()
        return page(request, Door(voice, voice.owner.vault_owner, token), **options)

    return view


@through_link
def gate(request: HttpRequest, door: Door) -> HttpResponse:
    """Ask for the owner's consent; once it is given, show where the voice stands and what is theirs to do."""
    invitation = Invitation.objects.get(voice=door.voice)
    if invitation.status == Invitation.Status.OPEN:
        return _answer(request, door, invitation)
    follows = steps.next_step(door.voice) if door.voice.status == Voice.Status.DRAFT else None
    receipt = (
        invitations.live_link(invitation, OwnerLink.Purpose.RECEIPT) if _signed_here(request, invitation) else None
    )
    context = {
        **door.context(follows.key if follows else "review"),
        "invitation": invitation,
        "follows": follows,
        "mine": follows is not None and door.mine(follows),
        "next_url": door.where(),
        "receipt_url": invitations.address(receipt) if receipt else "",
    }
    return render(request, "consent/owner_gate.html", context)


def _signed_here(request: HttpRequest, invitation: Invitation) -> bool:
    """Tell whether this is the browser in which the consent was signed: whoever sent the code can open it as well."""
    signed = invitation.consents.earliest("signed_at")
    here = (address(request), request.headers.get("User-Agent", "")[:400])
    return here == (signed.ip_address, signed.user_agent)


def _answer(request: HttpRequest, door: Door, invitation: Invitation) -> HttpResponse:
    text = services.attestation(Attestation.Kind.VOICE_OWNER)
    form = GrantForm(request.POST or None, asked=invitation.scope, initial={"shown_sha256": text.sha256})
    status = 200
    if request.method == "POST" and form.is_valid():
        link = invitations.follow(door.token, OwnerLink.Purpose.INVITATION)
        signed = {name: form.cleaned_data[name] for name in ("agreed", "signature", "born_on", "shown_sha256")}
        try:
            invitations.grant(
                link,
                scope=form.scope(),
                ip_address=address(request),
                user_agent=request.headers.get("User-Agent", ""),
                **signed,
            )
            return redirect(door.to("gate"))
        except (refusals.OwnerBelow18, refusals.InvitationAnswered):
            raise
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    blocks = text.text.split("\n\n")
    context = {
        **door.context("permission"),
        "invitation": invitation,
        "form": form,
        "text": text,
        "decline_url": door.to("decline"),
        "sections": list(zip(blocks[::2], blocks[1::2], strict=True)),
    }
    return render(request, "consent/owner_answer.html", context, status=status)


@through_link
@require_POST
def decline(request: HttpRequest, door: Door) -> HttpResponse:
    invitations.decline(invitations.follow(door.token, OwnerLink.Purpose.INVITATION))
    return render(request, "consent/owner_declined.html", {"by_link": True})
