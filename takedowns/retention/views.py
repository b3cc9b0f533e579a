"""The published schedule, and the button that keeps a voice."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from takedowns.retention import links, services
from voices.models import Voice


@require_GET
def schedule(request: HttpRequest) -> HttpResponse:
    return render(request, "takedowns/retention/schedule.html", {"kinds": services.schedule()})


@never_cache
def keep(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether somebody wants to keep their voice here; programs that open links in mails answer nothing by that."""
    notice = links.at(token)
    if request.method == "POST":
        services.keep(notice)
        return redirect("takedowns:keep", token)
    ended = notice.voice.status == Voice.Status.DELETED
    context = {"notice": notice, "ended": ended, "over": notice.until <= timezone.now()}
    return render(request, "takedowns/retention/keep.html", context)
