"""A user's own voices."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from moderation.models import Case, Decision


@login_required
def voice_list(request: HttpRequest) -> HttpResponse:
    return render(request, "voices/list.html", {"voices": request.user.voices.alive().select_related("owner")})


@login_required
def detail(request: HttpRequest, voice_id: str) -> HttpResponse:
    voice = get_object_or_404(request.user.voices.select_related("owner"), pk=voice_id)
    decision = Decision.objects.filter(case__in=Case.objects.about(voice)).select_related("section").first()
    return render(request, "voices/detail.html", {"voice": voice, "decision": decision})
