"""For a Voice Owner without a link: ask, confirm the address, read aloud; then a human decides.

No page here depends on whether there is a voice: everybody sees the same.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.client import address
from consent import policies as gate
from consent.forms import RecordingForm
from consent.gate import NoRecording, progress, refused
from consent.script import PASSAGES
from takedowns.models import OwnerPhrase, OwnerRecording, OwnerRequest
from takedowns.requests import services
from takedowns.requests.forms import AskForm, PhraseForm
from velluto.errors import Refusal
from velluto.jobs import latest

Page = Callable[[HttpRequest, OwnerRequest, str], HttpResponse]


@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """Take a request; the rest comes by e-mail, whoever's address was typed."""
    form = AskForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.ask(
                    name=given["name"],
                    email=given["email"],
                    hints=given["hints"],
                    delete="delete" in given["wants"],
                    cease="cease" in given["wants"],
                    copy="copy" in given["wants"],
                    address=address(request),
                )
                return redirect("owner-requests:sent")
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    return render(request, "takedowns/requests/ask.html", {"form": form}, status=status)


@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "takedowns/requests/sent.html")


def through_link(page: Page) -> Callable[..., HttpResponse]:
    """Open a page to whoever has the link of a request."""

    @never_cache
    def view(request: HttpRequest, token: str) -> HttpResponse:
        return page(request, services.at_link(token), token)

    return view


@through_link
@require_GET
def show(request: HttpRequest, asked: OwnerRequest, token: str) -> HttpResponse:
    """Show what comes next: a recording, its check, or that a human looks now."""
    step = services.next_step(asked)
    of_step = asked.recordings.filter(step=step)
    least, most = gate.SAMPLE_SECONDS["instant"]
    context = {
        "asked": asked,
        "by_link": True,
        "step": step,
        "checking": of_step.filter(status=OwnerRecording.Status.CHECKING).first(),
        "last": of_step.exclude(status=OwnerRecording.Status.CHECKING).last(),
        "tries_left": services.tries_left(asked, step),
        "script": "\n\n".join(PASSAGES),
        "least": int(least),
        "most": int(most),
        **{
            f"{name}_url": reverse(f"owner-requests:{name}", args=[token])
            for name in ("sample", "phrase", "answer", "status")
        },
    }
    return render(request, "takedowns/requests/request.html", context)


@through_link
@require_POST
def sample(request: HttpRequest, asked: OwnerRequest, token: str) -> HttpResponse:
    form = RecordingForm(request.POST, request.FILES)
    return _take(request, token, form, lambda: services.hand_in_sample(asked, form.cleaned_data["audio"]))


@through_link
@require_POST
def phrase(request: HttpRequest, asked: OwnerRequest, token: str) -> HttpResponse:
    """Show a new phrase; the server's clock starts here."""
    try:
        shown = services.show_phrase(asked)
    except Refusal as refusal:
        return refused(refusal)
    return JsonResponse(
        {
            "challenge": str(shown.pk),
            "phrase": " ".join(shown.words),
            "shown_at": shown.shown_at.isoformat(),
            **services.clock(),
        }
    )


@through_link
@require_POST
def answer(request: HttpRequest, asked: OwnerRequest, token: str) -> HttpResponse:
    form = PhraseForm(request.POST, request.FILES)  # reading the files takes in the last byte ...
    arrived_at = timezone.now()  # ... so this is when it arrived

    def hand_in() -> OwnerRecording:
        shown = get_object_or_404(OwnerPhrase, pk=form.cleaned_data["challenge"], request=asked)
        return services.answer_phrase(shown, form.cleaned_data["audio"], at=arrived_at)

    return _take(request, token, form, hand_in)


@through_link
@require_GET
def status(request: HttpRequest, asked: OwnerRequest, token: str) -> HttpResponse:
    """Say how far the check of the last recording is."""
    checking = asked.recordings.filter(status=OwnerRecording.Status.CHECKING).first()
    if checking is None:
        return JsonResponse({"state": "done", "next": reverse("owner-requests:request", args=[token])})
    return JsonResponse(progress(latest("takedowns.owner_check", str(checking.pk))))


def _take(
    request: HttpRequest, token: str, form: RecordingForm | PhraseForm, hand_in: Callable[[], OwnerRecording]
) -> HttpResponse:
    """Take an uploaded recording: JSON for the recorder, a page for the plain form."""
    wants_json = "application/json" in request.headers.get("Accept", "")
    here = reverse("owner-requests:request", args=[token])
    try:
        if not form.is_valid():
            raise NoRecording()
        hand_in()
    except Refusal as refusal:
        if wants_json:
            return refused(refusal)
        raise
    return JsonResponse({"next": here}) if wants_json else redirect(here)
