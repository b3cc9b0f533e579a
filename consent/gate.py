"""The steps of the gate as pages, for whoever stands at it: the account, or a Voice Owner who came by a link.

A browser must not keep a step: going back, it would follow a redirect that was right before the step was passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from consent import policies, refusals, script, services, steps
from consent.forms import AuthorisationForm, PhraseForm, RecordingForm, StatementForm
from consent.models import Attempt, Challenge, Document
from consent.services import Actor
from velluto.errors import Refusal
from velluto.jobs import latest
from voices.models import Voice


@dataclass(frozen=True)
class Door:
    """A voice in the gate, who stands there, and the token of their link where they came by one."""

    voice: Voice
    actor: Actor
    token: str = ""

    def to(self, page: str, *more: object) -> str:
        """Return the address of a page of the gate, on this side of it."""
        if self.token:
            return reverse(f"consent:owner-{page}", args=[self.token, *more])
        return reverse(f"consent:{page}", args=[self.voice.pk, *more])

    def mine(self, step: steps.Step) -> bool:
        """This step is taken at this door."""
        in_person = steps.through_link(self.voice, step)
        return (in_person or step.either) if self.token else not in_person

    def where(self) -> str:
        """Return the page where the voice stands: its next step, or one that says what is awaited."""
        voice = self.voice
        here = self.to("gate") if self.token else reverse("voices:detail", args=[voice.pk])
        if voice.status != Voice.Status.DRAFT:
            return here
        follows = steps.next_step(voice)
        if follows is None or (self.token and not self.mine(follows)):
            return here
        if not self.mine(follows):
            return self.to("invitation")
        waiting = voice.attempts.filter(step=follows.key, status=Attempt.Status.CHECKING).first()
        return self.to("checking", waiting.pk) if waiting else self.to(follows.key)

    def context(self, current: str) -> dict[str, Any]:
        """Return what every page of the gate shows."""
        return {
            "voice": self.voice,
            "steps": (steps.owners_trail if self.token else steps.trail)(self.voice, current),
            "by_link": bool(self.token),
            "help_url": self.to("help"),
        }


def sample(request: HttpRequest, door: Door) -> HttpResponse:
    voice = door.voice
    if request.method == "POST":
        return _take(
            request,
            RecordingForm(request.POST, request.FILES),
            lambda data: services.hand_in_sample(voice, data["audio"], actor=door.actor),
            again="sample",
            door=door,
        )
    least, most = policies.SAMPLE_SECONDS[voice.tier]
    living = steps.alive(voice)
    text = "\n\n".join(script.passages(voice.tier)) if living else ""
    context = {"script": text, "living": living, "least": int(least), "most": int(most)}
    return show(request, door, "sample", {"upload_url": door.to("sample"), **context})


def authorisation(request: HttpRequest, door: Door) -> HttpResponse:
    """Take the written authorisation of an estate or of a public figure."""
    form = AuthorisationForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.hand_in_authorisation(
                door.voice, given["file"], signer=given["signer"], signed_on=given["signed_on"], actor=door.actor
            )
            return redirect(door.where())
        except (refusals.WrongStep, refusals.GateClosed):  # sent twice: the first one counts
            return redirect(door.where())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    elif request.method == "POST":
        status = 422
    context = {
        "form": form,
        "needed": steps.needed_document(door.voice),
        "refused": door.voice.documents.filter(status=Document.Status.REFUSED).first(),
    }
    return show(request, door, "authorisation", context, status=status)


def captcha(request: HttpRequest, door: Door) -> HttpResponse:
    return show(
        request, door, "captcha", {"start_url": door.to("captcha-phrase"), "answer_url": door.to("captcha-answer")}
    )


@require_POST
def captcha_phrase(request: HttpRequest, door: Door) -> HttpResponse:
    """Show a new phrase; the server's clock starts here."""
    try:
        challenge = services.show_phrase(door.voice, actor=door.actor)
    except Refusal as refusal:
        return refused(refusal)
    return JsonResponse(
        {
            "challenge": str(challenge.pk),
            "phrase": " ".join(challenge.words),
            "shown_at": challenge.shown_at.isoformat(),
            "answer_within_s": settings.CAPTCHA_SECONDS,
            "start_within_s": settings.CAPTCHA_UNSTARTED.total_seconds(),
        }
    )


@require_POST
def captcha_answer(request: HttpRequest, door: Door) -> HttpResponse:
    form = PhraseForm(request.POST, request.FILES)  # reading the files takes in the last byte ...
    arrived_at = timezone.now()  # ... so this is when it arrived
    voice = door.voice

    def hand_in(data: dict[str, Any]) -> Attempt:
        challenge = get_object_or_404(
            Challenge.objects.select_related("voice__owner"), pk=data["challenge"], voice=voice
        )
        return services.answer_phrase(challenge, data["audio"], actor=door.actor, at=arrived_at)

    return _take(
        request,
        form,
        hand_in,
        again="captcha",
        door=door,
    )


def statement(request: HttpRequest, door: Door) -> HttpResponse:
    voice = door.voice
    if request.method == "POST":
        return _take(
            request,
            StatementForm(request.POST, request.FILES),
            lambda data: services.hand_in_statement(voice, data["audio"], on=data["on"], actor=door.actor),
            again="statement",
            door=door,
        )
    today = timezone.localdate()
    return show(
        request,
        door,
        "statement",
        {
            "upload_url": door.to("statement"),
            "text": services.statement_text(voice, today),
            "on_iso": today.isoformat(),
            "most": int(services.STATEMENT_SECONDS),
        },
    )


def checking(request: HttpRequest, door: Door, attempt_id: str) -> HttpResponse:
    """The recording just handed in: live progress, then what was found."""
    voice = door.voice
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
            **door.context(attempt.step),
            "attempt": attempt,
            "status_url": door.to("checking-status", attempt.pk),
            "follows": follows,
            "next_url": door.where(),
            "mine": follows is not None and door.mine(follows),
            "tries_left": max(0, policies.TRIES - failures),
            "may_try_again": policies.another_try(failures),
        },
    )


@require_GET
def checking_status(request: HttpRequest, door: Door, attempt_id: str) -> HttpResponse:
    attempt = get_object_or_404(door.voice.attempts, pk=attempt_id)
    if attempt.status != Attempt.Status.CHECKING:
        return JsonResponse({"state": "done", "next": door.to("checking", attempt_id)})
    return JsonResponse(progress(latest("consent.check", str(attempt.pk))))


@require_POST
def help_me(request: HttpRequest, door: Door) -> HttpResponse:
    try:
        services.ask_a_person(door.voice, step=request.POST.get("step", ""), actor=door.actor)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(door.to("gate"))


# ---------------------------------------------------------------------------------------------------- helpers


def show(request: HttpRequest, door: Door, key: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Show a step's page, or go where the voice stands if that is another one."""
    voice = door.voice
    follows = steps.next_step(voice)
    if voice.status != Voice.Status.DRAFT or follows is None or follows.key != key or not door.mine(follows):
        return redirect(door.where())
    failures = services.failures(voice, key)
    context |= {
        **door.context(key),
        "tries_left": max(0, policies.TRIES - failures),
        "may_try": policies.another_try(failures),
        "step_key": key,
    }
    return render(request, f"consent/{key}.html", context, status=status)


def _take(
    request: HttpRequest,
    form: RecordingForm,
    hand_in: Callable[[dict[str, Any]], Attempt],
    *,
    again: str,
    door: Door,
) -> HttpResponse:
    """Take an uploaded recording: JSON for the recorder, a redirect for the plain form."""
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        if not form.is_valid():
            raise NoRecording()
        attempt = hand_in(form.cleaned_data)
    except Refusal as refusal:
        if wants_json:
            return refused(refusal)
        messages.error(request, str(refusal))
        return redirect(door.to(again))
    following = door.to("checking", attempt.pk)
    return JsonResponse({"next": following}) if wants_json else redirect(following)


class NoRecording(Refusal):
    code = "recording_missing"
    message = "No recording came with this."
    next_step = "Record, or choose a file, and send it again."


def refused(refusal: Refusal) -> JsonResponse:
    return JsonResponse({"error": refusal.as_dict()}, status=refusal.status)


def progress(job: Any) -> dict[str, Any]:
    if job is None:
        return {"state": "queued", "done": 0, "total": 1, "note": "Waiting"}
    return {"state": "running", "done": job.done, "total": job.total, "note": job.note or "Waiting for its turn"}
