"""A user's own voices, those that are shared with them, and with whom theirs are."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.client import SignedIn
from moderation.models import Case, Decision
from velluto.errors import Refusal
from voices import policies, refusals, scope, services
from voices.forms import ShareForm
from voices.models import Voice, VoiceShare


@login_required
def voice_list(request: SignedIn) -> HttpResponse:
    return render(
        request,
        "voices/list.html",
        {
            "voices": Voice.objects.filter(account=request.user).alive().select_related("owner", "consent"),
            "shared": Voice.objects.shared_with(request.user).select_related("account", "consent"),
        },
    )


@login_required
def detail(request: SignedIn, voice_id: str) -> HttpResponse:
    voice = _voice(request, voice_id)
    made = Decision.objects.filter(case__in=Case.objects.about(voice), status=Decision.Status.MADE)
    decision = made.select_related("section").first()
    return render(
        request,
        "voices/detail.html",
        {"voice": voice, "decision": decision, "shares": VoiceShare.objects.standing().filter(voice=voice).count()},
    )


@login_required
def sharing(request: SignedIn, voice_id: str) -> HttpResponse:
    """Share a voice with somebody; see and end what is shared."""
    voice = _voice(request, voice_id)
    form = ShareForm(request.POST or None, voice=voice)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            _count_try(request)
            services.share(voice, actor=request.user, **form.cleaned_data)
            messages.success(request, "It is shared. We have told the person by e-mail.")
            return redirect("voices:sharing", voice.pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    return render(
        request,
        "voices/sharing.html",
        {
            "voice": voice,
            "form": form,
            "covered": policies.consent_covers_sharing(voice.whose, scope.of(voice)),
            "shares": VoiceShare.objects.standing().filter(voice=voice).select_related("account"),
        },
        status=status,
    )


@login_required
@require_POST
def unshare(request: SignedIn, voice_id: str, share_id: str) -> HttpResponse:
    share = get_object_or_404(VoiceShare, pk=share_id, voice=_voice(request, voice_id))
    services.unshare(share, actor=request.user, reason="ended by the account that shared it")
    messages.success(request, "It has ended. Whatever was under way with this voice is not released any more.")
    return redirect("voices:sharing", share.voice_id)


def _count_try(request: SignedIn) -> None:
    """Raise ShareTriesTooMany where an account asks for one address after the other."""
    key = f"voices.share:{request.user.pk}"
    cache.add(key, 0, timeout=3600)
    if cache.incr(key) > policies.SHARE_TRIES_PER_HOUR:
        raise refusals.ShareTriesTooMany()


def _voice(request: SignedIn, voice_id: str) -> Voice:
    return get_object_or_404(Voice.objects.filter(account=request.user).select_related("owner"), pk=voice_id)
