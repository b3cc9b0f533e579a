"""The pages where a voice is made to speak, and the public detector."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import services as accounts
from accounts.client import SignedIn, address
from moderation.forms import AppealForm
from moderation.policies import APPEAL_WITHIN
from synthesis import access, policies, screenings, services
from synthesis.forms import DetectorForm, SpeechForm
from synthesis.models import Detection, Preview, Screening, SpeechRequest
from synthesis.refusals import AlreadyFinished, ScriptBlocked
from synthesis.screening import ALLOWED, marked
from velluto import jobs, links, parts
from velluto.audio import export
from velluto.errors import Refusal
from voices.models import Voice

AGAIN = ("language", "pace", "format")  # what an edited request keeps beside its voice and text


@login_required
def speak(request: SignedIn) -> HttpResponse:
    """Choose a voice, write a text, have it spoken; `?from` begins with the text of an earlier request."""
    form = SpeechForm(request.POST or None, account=request.user, initial=_initial(request))
    status, blocked = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            speech = services.request_speech(
                account=request.user, ask_a_person="ask_a_person" in request.POST, **form.cleaned_data
            )
            return redirect("synthesis:speech", speech.pk)
        except ScriptBlocked as refusal:
            status = refusal.status
            text = policies.normal_script(form.cleaned_data["text"])
            spans = [(passage.start, passage.end) for passage in refusal.verdict.passages]
            question = reverse("synthesis:blocked", args=[refusal.screening])
            blocked = {"refusal": refusal, "parts": list(marked(text, spans)), "question": question}
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    elif form.has_error("voice", "invalid_choice"):
        status = 404
    return render(
        request,
        "synthesis/speak.html",
        {
            "form": form,
            "blocked": blocked,
            "has_voice": access.voices_of(request.user).exists(),
            "balance": f"{accounts.balance(request.user):,}",
            "longest": policies.LONGEST_SCRIPT,
        },
        status=status,
    )


@never_cache
@login_required
def blocked(request: SignedIn, screening_id: UUID) -> HttpResponse:
    """Give the reasons why a machine blocked a text, and take the account's word that this was wrong."""
    own = Screening.objects.filter(account=request.user, verdict=Screening.Verdict.BLOCK, request=None)
    found = get_object_or_404(own.select_related("account", "statement"), pk=screening_id)
    form, status = AppealForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            screenings.object_to(found, words=form.cleaned_data["words"])
            return redirect("synthesis:blocked", found.pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    elif request.method == "POST":
        status = 422
    text = screenings.blocked_text(found)
    context = {
        "found": found,
        "parts": list(marked(text, [(start, end) for start, end in found.passages])) if text else [],
        "allowed": found.label == ALLOWED,
        "until": found.screened_at + APPEAL_WITHIN,
        "form": form,
    }
    return render(request, "synthesis/blocked.html", context, status=status)


@login_required
def history(request: SignedIn) -> HttpResponse:
    requests = request.user.speech_requests.select_related("voice", "output")
    page = Paginator(requests, 20).get_page(request.GET.get("page"))
    return render(request, "synthesis/history.html", {"page": page})


@login_required
def speech(request: SignedIn, speech_id: str) -> HttpResponse:
    """One request: its progress, then its sound; or why there is none."""
    speech = _speech(request, speech_id)
    text = services.script_of(speech)
    held = screenings.of(speech) if speech.status == SpeechRequest.Status.HELD else None
    return render(
        request,
        "synthesis/speech.html",
        {
            "speech": speech,
            "verdict": held and screenings.why(held),
            "parts": list(marked(text, [(start, end) for start, end in held.passages] if held else [])),
            "format": export.FORMATS[speech.format],
            "language": services.languages().get(speech.language, speech.language),
        },
    )


@login_required
@require_GET
def speech_status(request: SignedIn, speech_id: str) -> HttpResponse:
    speech = _speech(request, speech_id)
    if speech.finished:
        return JsonResponse({"state": "done", "next": reverse("synthesis:speech", args=[speech.pk])})
    job = jobs.latest("synthesis.speak", str(speech.pk))
    return JsonResponse(
        {
            "state": "running" if speech.status == SpeechRequest.Status.SPEAKING else "queued",
            "done": job.done if job else 0,
            "total": job.total if job else 0,
            "note": _note(speech, job),
        }
    )


@login_required
@require_POST
def cancel(request: SignedIn, speech_id: str) -> HttpResponse:
    speech = _speech(request, speech_id)
    try:
        services.cancel(speech, actor=request.user)
        messages.success(request, "Cancelled; your credits were returned.")
    except Refusal as refusal:
        messages.info(request, str(refusal))
    return redirect("synthesis:speech", speech.pk)


@login_required
@require_POST
def edit(request: SignedIn, speech_id: str) -> HttpResponse:
    """Withdraw a request that is not finished, and go on with its text."""
    speech = _speech(request, speech_id)
    with suppress(AlreadyFinished):
        services.cancel(speech, actor=request.user)
    return redirect(f"{reverse('synthesis:speak')}?{urlencode({'from': speech.pk})}")


@login_required
@require_GET
def audio(request: SignedIn, speech_id: str) -> HttpResponseBase:
    """Stream the finished file to its owner by a link of the last minutes; `download` names it for saving."""
    speech = _speech(request, speech_id)
    output = get_object_or_404(services.Output, request=speech)
    links.require(request)
    made = export.FORMATS[speech.format]
    return parts.send(
        request,
        services.open_output(output, actor=request.user),
        output.size,
        made.media_type,
        name=f"velluto-{str(speech.pk)[:8]}.{made.extension}",
        save="download" in request.GET,
    )


@login_required
@require_GET
def preview(request: SignedIn, voice_id: str) -> HttpResponseBase:
    """Stream what a published voice is heard by, by a link of the last minutes."""
    listed = Voice.objects.listed(on=timezone.localdate())
    preview = get_object_or_404(Preview.objects.select_related("voice__owner"), voice=voice_id, voice__in=listed)
    links.require(request)
    made = export.FORMATS[policies.PREVIEW_FORMAT]
    return parts.send(request, services.open_preview(preview), preview.size, made.media_type)


# ---------------------------------------------------------------------------------------------------- detector


def detector(request: HttpRequest) -> HttpResponse:
    """Anybody may ask whether a recording was made here."""
    form = DetectorForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            detection = services.ask_detector(form.cleaned_data["audio"], address=address(request))
            return redirect("detection", detection.pk)
        except Refusal as refusal:
            form.add_error("audio", str(refusal))
            status = refusal.status
    return render(request, "synthesis/detector.html", {"form": form}, status=status)


def detection(request: HttpRequest, detection_id: str) -> HttpResponse:
    """Show the answer, or that it is still looked for."""
    detection = get_object_or_404(Detection, pk=detection_id)
    marks = [
        {**mark, "made_on": datetime.fromisoformat(mark["made_at"]), "reference": f"{detection.pk}.{number}"}
        for number, mark in enumerate(detection.answer.get("marks", []), 1)
    ]
    return render(request, "synthesis/detection.html", {"detection": detection, "marks": marks})


@require_GET
def detection_status(request: HttpRequest, detection_id: str) -> HttpResponse:
    detection = get_object_or_404(Detection, pk=detection_id)
    answer: dict[str, Any] = {"state": "running", "done": 0, "total": 1, "note": "Listening for marks"}
    if detection.status != Detection.Status.WAITING:
        answer = {"state": "done", "next": reverse("detection", args=[detection.pk])}
    return JsonResponse(answer)


def _note(speech: SpeechRequest, job: jobs.Job | None) -> str:
    if speech.status == SpeechRequest.Status.HELD:
        return "A person reads the text first"
    return job.note if job and job.note else "Waiting for its turn"


def _initial(request: SignedIn) -> dict[str, Any]:
    """Return what the form begins with."""
    earlier = request.GET.get("from")
    if not earlier:
        return {"voice": request.GET.get("voice")}
    with suppress(ValueError):
        speech = _speech(request, str(UUID(earlier)))
        text = services.script_of(speech)
        return {"voice": speech.voice_id, "text": text, **{key: getattr(speech, key) for key in AGAIN}}
    return {}


def _speech(request: SignedIn, speech_id: str) -> SpeechRequest:
    return get_object_or_404(request.user.speech_requests.select_related("voice", "output", "account"), pk=speech_id)
