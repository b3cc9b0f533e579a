"""The pages of the Consent Gate. Each step: fetch through the account, call one service, go to the next step.

A browser must not keep a step: going back, it would follow a redirect that was right before the step was passed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.client import SignedIn, address
from consent import policies, refusals, services, steps
from consent.forms import DeclareForm, PhraseForm, RecordingForm, RepresentationsForm, StatementForm
from consent.models import Attempt, Attestation, Challenge
from consent.script import PASSAGES
from velluto.errors import Refusal
from velluto.jobs import latest
from voices.models import Voice


@login_required
def declare(request: SignedIn) -> HttpResponse:
    form = DeclareForm(request.POST or None, initial={"owner_name": request.user.full_name})
    if request.method == "POST" and form.is_valid():
        try:
            voice = services.declare(account=request.user, **form.cleaned_data)
            return redirect("consent:sample", voice.pk)
        except Refusal as refusal:
            form.add_error("whose", str(refusal))
    return render(request, "consent/declare.html", {"form": form, "steps": _trail_before()})


@never_cache
@login_required
def gate(request: SignedIn, voice_id: str) -> HttpResponse:
    """Go to wherever this voice stands."""
    return redirect(_where(_voice(request, voice_id)))


@never_cache
@login_required
def sample(request: SignedIn, voice_id: str) -> HttpResponse:
    voice = _voice(request, voice_id)
    if request.method == "POST":
        return _take(
            request,
            RecordingForm(request.POST, request.FILES),
            lambda data: services.hand_in_sample(voice, data["audio"], actor=request.user),
            again="consent:sample",
            voice=voice,
        )
    least, most = policies.SAMPLE_SECONDS
    return _step(request, voice, "sample", {"script": "\n\n".join(PASSAGES), "least": int(least), "most": int(most)})


@never_cache
@login_required
def representations(request: SignedIn, voice_id: str) -> HttpResponse:
    voice = _voice(request, voice_id)
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
            return redirect(_where(voice))
        except (refusals.RepresentationsNotMade, refusals.RepresentationsChanged) as refusal:
            form = RepresentationsForm(initial={"shown_sha256": text.sha256})
            return _step(
                request, voice, "representations", {"form": form, "text": text, "refusal": refusal}, status=422
            )
        except (refusals.WrongStep, refusals.GateClosed):  # sent twice: the first one counts
            return redirect(_where(voice))
    return _step(request, voice, "representations", {"form": form, "text": text})


@never_cache
@login_required
def captcha(request: SignedIn, voice_id: str) -> HttpResponse:
    return _step(request, _voice(request, voice_id), "captcha", {})


@login_required
@require_POST
def captcha_phrase(request: SignedIn, voice_id: str) -> HttpResponse:
    """Show a new phrase; the server's clock starts here."""
    try:
        challenge = services.show_phrase(_voice(request, voice_id), actor=request.user)
    except Refusal as refusal:
        return _refused(refusal)
    return JsonResponse(
        {
            "challenge": str(challenge.pk),
            "phrase": " ".join(challenge.words),
            "shown_at": challenge.shown_at.isoformat(),
            "answer_within_s": settings.CAPTCHA_SECONDS,
            "start_within_s": settings.CAPTCHA_UNSTARTED.total_seconds(),
        }
    )


@login_required
@require_POST
def captcha_answer(request: SignedIn, voice_id: str) -> HttpResponse:
    form = PhraseForm(request.POST, request.FILES)  # reading the files takes in the last byte ...
    arrived_at = timezone.now()  # ... so this is when it arrived
    voice = _voice(request, voice_id)

    def hand_in(data: dict[str, Any]) -> Attempt:
        challenge = get_object_or_404(
            Challenge.objects.select_related("voice__owner"), pk=data["challenge"], voice=voice
        )
        return services.answer_phrase(challenge, data["audio"], actor=request.user, at=arrived_at)

    return _take(
        request,
        form,
        hand_in,
        again="consent:captcha",
        voice=voice,
    )


@never_cache
@login_required
def statement(request: SignedIn, voice_id: str) -> HttpResponse:
    voice = _voice(request, voice_id)
    if request.method == "POST":
        return _take(
            request,
            StatementForm(request.POST, request.FILES),
            lambda data: services.hand_in_statement(voice, data["audio"], on=data["on"], actor=request.user),
            again="consent:statement",
            voice=voice,
        )
    today = timezone.localdate()
    return _step(
        request,
        voice,
        "statement",
        {
            "text": services.statement_text(voice, today),
            "on_iso": today.isoformat(),
            "most": int(services.STATEMENT_SECONDS),
        },
    )


@never_cache
@login_required
def checking(request: SignedIn, voice_id: str, attempt_id: str) -> HttpResponse:
    """The recording just handed in: live progress, then what was found."""
    voice = _voice(request, voice_id)
    attempt = get_object_or_404(voice.attempts.prefetch_related("checks"), pk=attempt_id)
    if attempt.status == Attempt.Status.PASSED and voice.status == Voice.Status.DRAFT:
        follows = steps.next_step(voice)
    else:
        follows = None
    failures = services.failures(voice, attempt.step)
    return render(
        request,
        "consent/checking.html",
        {
            "voice": voice,
            "attempt": attempt,
            "steps": steps.trail(voice, attempt.step),
            "follows": follows,
            "tries_left": max(0, policies.TRIES - failures),
            "may_try_again": policies.another_try(failures),
        },
    )


@login_required
@require_GET
def checking_status(request: SignedIn, voice_id: str, attempt_id: str) -> HttpResponse:
    attempt = get_object_or_404(_voice(request, voice_id).attempts, pk=attempt_id)
    if attempt.status != Attempt.Status.CHECKING:
        return JsonResponse({"state": "done", "next": reverse("consent:checking", args=[voice_id, attempt_id])})
    return JsonResponse(_progress(latest("consent.check", str(attempt.pk))))


@login_required
@require_GET
def building_status(request: SignedIn, voice_id: str) -> HttpResponse:
    voice = _voice(request, voice_id)
    if voice.status != Voice.Status.BUILDING:
        return JsonResponse({"state": "done", "next": reverse("voices:detail", args=[voice.pk])})
    return JsonResponse(_progress(latest("consent.build", str(voice.pk))))


@login_required
@require_POST
def help_me(request: SignedIn, voice_id: str) -> HttpResponse:
    voice = _voice(request, voice_id)
    try:
        services.ask_a_person(voice, step=request.POST.get("step", ""), actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("voices:detail", voice.pk)


# ---------------------------------------------------------------------------------------------------- helpers


def _voice(request: SignedIn, voice_id: str) -> Voice:
    return get_object_or_404(request.user.voices.select_related("owner", "account"), pk=voice_id)


def _where(voice: Voice) -> str:
    """Return the page where this voice stands: its next step, or its own page."""
    if voice.status != Voice.Status.DRAFT:
        return reverse("voices:detail", args=[voice.pk])
    waiting = voice.attempts.filter(status=Attempt.Status.CHECKING).first()
    if waiting:
        return reverse("consent:checking", args=[voice.pk, waiting.pk])
    follows = steps.next_step(voice)
    return reverse(follows.url_name, args=[voice.pk]) if follows else reverse("voices:detail", args=[voice.pk])


def _step(request: SignedIn, voice: Voice, key: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Show a step's page, or go where the voice stands if that is another one."""
    follows = steps.next_step(voice)
    if voice.status != Voice.Status.DRAFT or follows is None or follows.key != key:
        return redirect(_where(voice))
    failures = services.failures(voice, key)
    context |= {
        "voice": voice,
        "steps": steps.trail(voice, key),
        "tries_left": max(0, policies.TRIES - failures),
        "may_try": policies.another_try(failures),
        "step_key": key,
    }
    return render(request, f"consent/{key}.html", context, status=status)


def _take(
    request: SignedIn,
    form: RecordingForm,
    hand_in: Callable[[dict[str, Any]], Attempt],
    *,
    again: str,
    voice: Voice,
) -> HttpResponse:
    """Take an uploaded recording: JSON for the recorder, a redirect for the plain form."""
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        if not form.is_valid():
            raise NoRecording()
        attempt = hand_in(form.cleaned_data)
    except Refusal as refusal:
        if wants_json:
            return _refused(refusal)
        messages.error(request, str(refusal))
        return redirect(again, voice.pk)
    following = reverse("consent:checking", args=[voice.pk, attempt.pk])
    return JsonResponse({"next": following}) if wants_json else redirect(following)


class NoRecording(Refusal):
    code = "recording_missing"
    message = "No recording came with this."
    next_step = "Record, or choose a file, and send it again."


def _refused(refusal: Refusal) -> JsonResponse:
    return JsonResponse({"error": refusal.as_dict()}, status=refusal.status)


def _progress(job: Any) -> dict[str, Any]:
    if job is None:
        return {"state": "queued", "done": 0, "total": 1, "note": "Waiting"}
    return {"state": "running", "done": job.done, "total": job.total, "note": job.note or "Waiting for its turn"}


def _trail_before() -> list[dict[str, str]]:
    rows = [{"title": "Whose voice", "state": "current"}]
    rows += [{"title": step.title, "state": "next"} for step in steps.STEPS]
    return [*rows, {"title": "A person decides", "state": "next"}]
