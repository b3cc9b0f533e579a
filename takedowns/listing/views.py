"""The pages of asking to be listed: a form, a link by mail, one's voice, and an answer. Nobody needs an account."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.client import address
from consent import policies
from consent.gate import NoRecording, progress, refused
from consent.script import PASSAGES
from takedowns.listing import policies as rules
from takedowns.listing import services
from takedowns.listing.forms import ListingForm, RecordingForm
from takedowns.models import ListingRequest
from velluto.errors import Refusal
from velluto.jobs import latest


@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """Ask that one's voice is never cloned here."""
    form = ListingForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.ask(names=form.names(), why=given["why"], email=given["email"], address=address(request))
                return redirect("takedowns:listing-sent")
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    return render(request, "takedowns/listing/ask.html", {"form": form}, status=status)


def sent(request: HttpRequest) -> HttpResponse:
    """Say that the rest comes by e-mail."""
    return render(request, "takedowns/listing/sent.html")


@never_cache
@require_GET
def standing(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is to be done next: the recording, the phrase, or to wait."""
    asked = services.follow(token)
    least, most = policies.SAMPLE_SECONDS["instant"]
    context = {
        "asked": asked,
        "failed": [one for one in asked.findings if not one["passed"]],
        "tries_left": rules.TRIES - asked.tries,
        "upload_url": _to("sample", token),
        "start_url": _to("phrase", token),
        "answer_url": _to("answer", token),
        "status_url": _to("status", token),
        "script": "\n\n".join(PASSAGES),
        "least": int(least),
        "most": int(most),
    }
    return render(request, "takedowns/listing/standing.html", context)


@require_POST
def sample(request: HttpRequest, token: str) -> HttpResponse:
    asked = services.follow(token)
    return _take(request, token, lambda form: services.hand_in_sample(asked, form.cleaned_data["audio"]))


@require_POST
def phrase(request: HttpRequest, token: str) -> HttpResponse:
    """Show a new phrase; the server's clock starts here."""
    try:
        asked = services.show_phrase(services.follow(token))
    except Refusal as refusal:
        return refused(refusal)
    return JsonResponse(
        {
            "challenge": str(asked.pk),
            "phrase": " ".join(asked.words),
            "shown_at": asked.shown_at and asked.shown_at.isoformat(),
            "answer_within_s": settings.CAPTCHA_SECONDS,
            "start_within_s": settings.CAPTCHA_UNSTARTED.total_seconds(),
        }
    )


@require_POST
def answer(request: HttpRequest, token: str) -> HttpResponse:
    request.FILES.get("audio")  # reading the files takes in the last byte ...
    arrived_at = timezone.now()  # ... so this is when it arrived
    asked = services.follow(token)
    return _take(request, token, lambda form: services.answer_phrase(asked, form.cleaned_data["audio"], at=arrived_at))


@never_cache
@require_GET
def status(request: HttpRequest, token: str) -> HttpResponse:
    asked = services.follow(token)
    if asked.status != ListingRequest.Status.CHECKING:
        return JsonResponse({"state": "done", "next": _to("standing", token)})
    return JsonResponse(progress(latest(services.CHECK, str(asked.pk))))


def _take(request: HttpRequest, token: str, hand_in: Callable[[RecordingForm], None]) -> HttpResponse:
    """Take an uploaded recording: JSON for the recorder, a redirect for the plain form."""
    wants_json = "application/json" in request.headers.get("Accept", "")
    form = RecordingForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise NoRecording()
        hand_in(form)
    except Refusal as refusal:
        if wants_json:
            return refused(refusal)
        messages.error(request, str(refusal))
    following = _to("standing", token)
    return JsonResponse({"next": following}) if wants_json else redirect(following)


def _to(page: str, token: str) -> str:
    return reverse(f"takedowns:listing-{page}", args=[token])
