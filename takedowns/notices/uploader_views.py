"""Where an account answers a notice about its voice."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.client import SignedIn
from takedowns.models import Claim
from takedowns.notices import services
from takedowns.notices.forms import CounterForm
from takedowns.notices.services import countering
from velluto.errors import Refusal


@login_required
@never_cache
def counter(request: SignedIn, voice_id: str) -> HttpResponse:
    """Show an account what is said about its voice, but not by whom, and take its answer."""
    voice = get_object_or_404(request.user.voices, pk=voice_id)
    told = Claim.objects.filter(voice=voice, told_at__isnull=False).select_related("notice")
    claim = told.filter(status=Claim.Status.OPEN).order_by("told_at").first() or told.order_by("-told_at").first()
    if claim is None:
        raise Http404
    form, status = CounterForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.counter(claim, text=form.cleaned_data["words"], actor=request.user)
                return redirect("takedowns:counter-notice", voice.pk)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    filed = getattr(claim, "counter_notice", None)
    until = countering.counter_until(claim)
    context = {
        "voice": voice,
        "claim": claim,
        "form": form,
        "filed": filed,
        "words": services.unsealed(claim.notice, filed, filed.sealed) if filed else "",
        "until": until,
        "may_answer": claim.status == Claim.Status.OPEN and not filed and until is not None and timezone.now() <= until,
    }
    return render(request, "takedowns/notices/counter.html", context, status=status)
