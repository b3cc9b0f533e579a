"""Somebody else's voice, as the account that asks for it sees it: the invitation, its answer, what is awaited."""

from __future__ import annotations

import io

import qrcode
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from qrcode.image.svg import SvgPathImage

from accounts.client import SignedIn
from consent import invitations, steps
from consent.gate import Door
from consent.models import Declaration, Invitation, OwnerLink
from consent.never import services as never
from consent.owner_forms import InvitationForm
from velluto.errors import Refusal
from voices.models import Voice


@never_cache
@login_required
def invitation(request: SignedIn, voice_id: str) -> HttpResponse:
    """Ask for somebody else's voice; then see how the invitation stands."""
    voice = _voice(request, voice_id)
    door = Door(voice, request.user)
    sent = Invitation.objects.filter(voice=voice).first()
    if sent is None:
        return _ask(request, door)
    follows = steps.next_step(voice)
    if voice.status != Voice.Status.DRAFT or follows is None or door.mine(follows):
        return redirect(door.where())
    link = invitations.live_link(sent, OwnerLink.Purpose.INVITATION)
    context = {
        **door.context(follows.key),
        "invitation": sent,
        "link": link,
        "address": invitations.address(link) if link and not sent.email else "",
        "follows": follows,
    }
    return render(request, "consent/invitation.html", context)


def _ask(request: SignedIn, door: Door) -> HttpResponse:
    declared = Declaration.objects.filter(voice=door.voice).first()
    purpose = never.purpose_of(declared) if declared else ""
    form = InvitationForm(request.POST or None, initial={"reason": purpose})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            asked = {name: form.cleaned_data[name] for name in ("email", "reason")}
            invitations.invite(door.voice, scope=form.scope(), actor=request.user, **asked)
            return redirect(door.to("invitation"))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    return render(request, "consent/invite.html", {**door.context("permission"), "form": form}, status=status)


@login_required
@require_POST
def invite_again(request: SignedIn, voice_id: str) -> HttpResponse:
    voice = _invited(request, voice_id).voice
    try:
        invitations.invite_again(voice, actor=request.user)
        messages.success(request, "There is a new link; the former one no longer works.")
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("consent:invitation", voice.pk)


@never_cache
@login_required
@require_GET
def invitation_qr(request: SignedIn, voice_id: str) -> HttpResponse:
    """Draw the link for the owner's phone; where they got it by mail, the account never sees it."""
    sent = _invited(request, voice_id)
    link = invitations.live_link(sent, OwnerLink.Purpose.INVITATION)
    if link is None or sent.email:
        raise Http404
    picture = io.BytesIO()
    qrcode.make(invitations.address(link), image_factory=SvgPathImage, border=2).save(picture)
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


def _voice(request: SignedIn, voice_id: str) -> Voice:
    voices = request.user.voices.select_related("owner", "account")
    return get_object_or_404(
        voices.filter(whose=Voice.Whose.THIRD_PARTY).exclude(status=Voice.Status.DELETED), pk=voice_id
    )


def _invited(request: SignedIn, voice_id: str) -> Invitation:
    return get_object_or_404(Invitation.objects.select_related("voice__owner"), voice=_voice(request, voice_id))
