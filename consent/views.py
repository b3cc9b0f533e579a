"""The account's pages of the Consent Gate: fetch through the account, call one service, go to the next step."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.client import SignedIn, address
from consent import gate as pages
from consent import refusals, services, steps
from consent.forms import DeclareForm, RepresentationsForm
from consent.gate import Door, progress
from consent.models import Attestation
from velluto.errors import Refusal
from velluto.jobs import latest
from voices.models import Voice


def through_account(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a page of the gate to the account whose voice it is."""

    @never_cache
    @login_required
    def view(request: SignedIn, voice_id: str, **options: object) -> HttpResponse:
        return page(request, Door(_voice(request, voice_id), request.user), **options)

    return view


@login_required
def declare(request: SignedIn) -> HttpResponse:
    form = DeclareForm(request.POST or None, account=request.user, initial={"owner_name": request.user.full_name})
    if request.method == "POST" and form.is_valid():
        try:
            said = {name: form.cleaned_data[name] for name in ("whose", "tier", "name", "owner_name")}
            voice = services.declare(account=request.user, answers=form.answers(), **said)
            return redirect("consent:gate", voice.pk)
        except Refusal as refusal:
            context = {"form": form, "steps": _trail_before(), "refusal": refusal}
            return render(request, "consent/declare.html", context, status=refusal.status)
    return render(request, "consent/declare.html", {"form": form, "steps": _trail_before()})


@never_cache
@login_required
def gate(request: SignedIn, voice_id: str) -> HttpResponse:
    """Go to wherever this voice stands."""
    return redirect(Door(_voice(request, voice_id), request.user).where())


@never_cache
@login_required
def representations(request: SignedIn, voice_id: str) -> HttpResponse:
    voice = _voice(request, voice_id)
    door = Door(voice, request.user)
    text = services.attestation(Attestation.Kind.REPRESENTATIONS)
    form = RepresentationsForm(request.POST or None, initial={"shown_sha256": text.sha256})
    if request.method == "POST" and form.is_valid():
        try:
            services.represent(
                voice,
                ticked=form.cleaned_data["represented"],
                shown_sha256=form.cleaned_data["shown_sha256"],
                actor=request.user,
                ip_address=address(request),
                user_agent=request.headers.get("User-Agent", ""),
            )
            return redirect(door.where())
        except (refusals.RepresentationsNotMade, refusals.RepresentationsChanged) as refusal:
            form = RepresentationsForm(initial={"shown_sha256": text.sha256})
            context = {"form": form, "text": text, "refusal": refusal}
            return pages.show(request, door, "representations", context, status=422)
        except (refusals.WrongStep, refusals.GateClosed):  # sent twice: the first one counts
            return redirect(door.where())
    return pages.show(request, door, "representations", {"form": form, "text": text})


@login_required
@require_GET
def building_status(request: SignedIn, voice_id: str) -> HttpResponse:
    voice = _voice(request, voice_id)
    if voice.status != Voice.Status.BUILDING:
        return JsonResponse({"state": "done", "next": reverse("voices:detail", args=[voice.pk])})
    return JsonResponse(progress(latest("consent.build", str(voice.pk))))


# ---------------------------------------------------------------------------------------------------- helpers


def _voice(request: SignedIn, voice_id: str) -> Voice:
    return get_object_or_404(request.user.voices.select_related("owner", "account"), pk=voice_id)


def _trail_before() -> list[dict[str, str]]:
    rows = [{"title": "Whose voice", "state": "current"}]
    rows += [{"title": step.title, "state": "next"} for step in steps.STEPS if step.key not in steps.SOMETIMES]
    return [*rows, {"title": "A person decides", "state": "next"}]
