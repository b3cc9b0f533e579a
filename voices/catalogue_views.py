"""The catalogue: voices for everybody, with their terms."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.client import SignedIn
from velluto.errors import Refusal
from voices import services
from voices.forms import LicenceForm, SearchForm
from voices.models import Voice, VoiceQuerySet


@login_required
def catalogue(request: SignedIn) -> HttpResponse:
    """Search and filter the voices that are published."""
    listed = _listed().order_by("name")
    form = SearchForm(request.GET, languages=set(listed.values_list("entry__language", flat=True)))
    found = form.narrow(listed) if form.is_valid() else listed.none()
    asked = any(request.GET.values())
    return render(request, "voices/catalogue.html", {"form": form, "voices": found, "asked": asked})


@login_required
def voice(request: SignedIn, voice_id: str) -> HttpResponse:
    """One voice: how it sounds, where it comes from, and the terms to accept before first use."""
    voice = get_object_or_404(_listed(), pk=voice_id)
    licence = services.licence_of(voice)
    shown = {"shown_sha256": licence.sha256 if licence else ""}
    form = LicenceForm(request.POST or None, initial=shown)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.accept_licence(voice, account=request.user, **form.cleaned_data)
            messages.success(request, "Accepted. You can use this voice now.")
            return redirect("catalogue:voice", voice.pk)
        except Refusal as refusal:
            form = LicenceForm(initial=shown)  # with the text as it stands now
            messages.error(request, str(refusal))
            status = refusal.status
    return render(
        request,
        "voices/catalogue_voice.html",
        {
            "voice": voice,
            "licence": licence,
            "accepted": services.accepted(request.user, voice),
            "rights": services.rights_of(voice),
            "form": form,
        },
        status=status,
    )


def _listed() -> VoiceQuerySet:
    return Voice.objects.listed(on=timezone.localdate()).select_related("entry", "preview")
