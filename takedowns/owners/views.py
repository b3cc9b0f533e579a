"""The Voice Owner's portal: by their private link, or, where the voice is the account holder's own, signed in."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.client import SignedIn, address
from consent import policies
from consent.models import Attestation, Invitation
from consent.owning import services as owning
from consent.refusals import OwnDeviceNeeded, OwnerLinkUnknown
from consent.services import attestation
from takedowns import services as endings
from takedowns.models import Revocation
from takedowns.owners import portal, services
from takedowns.owners.forms import EndForm, NarrowForm, SignAnewForm
from takedowns.owners.portal import Door
from velluto.errors import Refusal

Page = Callable[[HttpRequest, Door], HttpResponse]


def through_link(page: Page) -> Callable[..., HttpResponse]:
    """Open a page to the Voice Owner whose link it is, unless it is the account that uses the voice that holds it."""

    @never_cache
    def view(request: HttpRequest, token: str) -> HttpResponse:
        door = portal.at_link(token)
        if request.user.is_authenticated and request.user.pk == door.voice.account_id:
            raise OwnDeviceNeeded()
        return page(request, door)

    return view


def signed_in(page: Page) -> Callable[..., HttpResponse]:
    """Open a page to the account holder whose own voice it is."""

    @never_cache
    @login_required
    def view(request: SignedIn, voice_id: str) -> HttpResponse:
        return page(request, portal.at_account(request.user, voice_id))

    return view


@require_GET
def show(request: HttpRequest, door: Door) -> HttpResponse:
    """Show what there is, what it was used for, and what can be done."""
    return render(request, "takedowns/owners/portal.html", portal.shown(door, page=request.GET.get("page", 1)))


@require_POST
def pause(request: HttpRequest, door: Door) -> HttpResponse:
    return _do(request, door, lambda: owning.pause(door.voice, actor=door.actor), "It is silent now, everywhere.")


@require_POST
def resume(request: HttpRequest, door: Door) -> HttpResponse:
    return _do(request, door, lambda: owning.resume(door.voice, actor=door.actor), "It may speak again.")


@require_POST
def copy(request: HttpRequest, door: Door) -> HttpResponse:
    """Hand over the recordings; nothing ends by it."""
    content = services.copy(door.voice, actor=door.actor)
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="velluto-recordings-{door.voice.pk.hex[:8]}.zip"'
    return answer


def scope(request: HttpRequest, door: Door) -> HttpResponse:
    """Take back a part of what was allowed, or sign anew for something else within what was asked for."""
    invitation = Invitation.objects.filter(voice=door.voice).first()
    granted = invitation.granted if invitation else None
    if invitation is None or granted is None or door.voice.status == door.voice.Status.DELETED:
        raise OwnerLinkUnknown()
    text = attestation(Attestation.Kind.VOICE_OWNER)
    anew = request.method == "POST" and "signature" in request.POST
    less = NarrowForm(None if anew else request.POST or None, granted=granted)
    more = SignAnewForm(request.POST if anew else None, asked=invitation.scope, initial={"shown_sha256": text.sha256})
    form: NarrowForm | SignAnewForm = more if anew else less
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if anew:
                    signed = {name: form.cleaned_data[name] for name in ("agreed", "signature", "shown_sha256")}
                    owning.widen(
                        door.voice,
                        scope=form.scope(),
                        actor=door.actor,
                        ip_address=address(request),
                        user_agent=request.headers.get("User-Agent", ""),
                        **signed,
                    )
                else:
                    owning.narrow(door.voice, scope=form.scope(), actor=door.actor)
                messages.success(request, "What you allow is changed, from this moment on.")
                return redirect(door.to())
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    blocks = text.text.split("\n\n")
    context = {
        "door": door,
        "voice": door.voice,
        "by_link": True,
        "less": less,
        "more": more if not policies.no_more_than(invitation.scope, granted) else None,
        "granted": granted,
        "text": text,
        "sections": list(zip(blocks[::2], blocks[1::2], strict=True)),
    }
    return render(request, "takedowns/owners/scope.html", context, status=status)


def end(request: HttpRequest, door: Door) -> HttpResponse:
    """Withdraw for good, with a copy of the recordings where it is wanted."""
    if door.voice.status == door.voice.Status.DELETED:
        return redirect(door.to())
    invitation = None if door.verified else Invitation.objects.filter(voice=door.voice).first()
    form = EndForm(request.POST or None, initial={"email": invitation.email if invitation else ""})
    if request.method == "POST" and form.is_valid():
        return _do(
            request,
            door,
            lambda: endings.revoke(
                door.voice,
                by=Revocation.By.VOICE_OWNER,
                actor=None,
                reason="withdrawn by the Voice Owner",
                copy=form.cleaned_data["copy"],
                contact=form.cleaned_data["email"],
            ),
            "It is silent, and what was made from your voice is being destroyed.",
        )
    context = {"door": door, "voice": door.voice, "by_link": True, "form": form}
    return render(request, "takedowns/owners/end.html", context, status=422 if form.errors else 200)


def _do(request: HttpRequest, door: Door, verb: Callable[[], object], said: str) -> HttpResponse:
    try:
        verb()
        messages.success(request, said)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(door.to())
