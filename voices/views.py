"""A user's own voices."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.client import SignedIn
from moderation.models import Case, Decision
from voices.models import Voice


@login_required
def voice_list(request: SignedIn) -> HttpResponse:
    return render(
        request,
        "voices/list.html",
        {"voices": Voice.objects.filter(account=request.user).alive().select_related("owner")},
    )


@login_required
def detail(request: SignedIn, voice_id: str) -> HttpResponse:
    voice = get_object_or_404(Voice.objects.filter(account=request.user).select_related("owner"), pk=voice_id)
    made = Decision.objects.filter(case__in=Case.objects.about(voice), status=Decision.Status.MADE)
    decision = made.select_related("section").first()
    return render(request, "voices/detail.html", {"voice": voice, "decision": decision})
