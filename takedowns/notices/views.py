"""The pages of a claimant: the notice, a recording after it, and how it stands. None needs an account."""

from __future__ import annotations

from typing import BinaryIO, cast
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.client import address
from accounts.models import User
from moderation.models import Appeal, Case
from takedowns.models import Claim, Deadline, Notice, NoticeFile, NoticeQuestion
from takedowns.notices import jobs, links, services
from takedowns.notices.forms import AnswerForm, NoticeForm, SampleForm
from takedowns.notices.services import words
from takedowns.notices.services.taking import statement
from velluto.errors import Refusal

LEAST, MOST = 10, 120  # seconds of a recording that is compared


@never_cache
def give(request: HttpRequest) -> HttpResponse:
    """Take a notice; what was filled in, files included, is still there when something has to be mended."""
    account = request.user if isinstance(request.user, User) else None
    asked = (request.POST if request.method == "POST" else request.GET).get("capacity", "")
    if asked not in Notice.Capacity.values:
        return render(request, "takedowns/notices/start.html")
    text, status = statement(asked), 200
    if request.method == "POST":
        key = _key(request)
        refused = _keep_files(request, key, account)
        kept = {file.kind: _described(file) for file in NoticeFile.objects.filter(notice_id=key)}
        form = NoticeForm(request.POST, capacity=asked, kept=kept, there={*kept, *refused})
        status = 422
        if form.is_valid() and not refused:
            given = form.cleaned_data
            try:
                notice = services.take(
                    key=key,
                    capacity=asked,
                    issue=given["issue"],
                    harm=given["harm"],
                    details=form.details(),
                    sworn=given["sworn"],
                    signature=given["signature"],
                    shown_sha256=given["shown_sha256"],
                    wants_listing=given["wants_listing"],
                    account=account,
                    address=address(request),
                    user_agent=request.headers.get("User-Agent", ""),
                )
                return redirect("takedowns:notice-sent", links.adding(notice))
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
        for kind, why in refused.items():
            if kind in form.fields:
                form.add_error(kind, str(why))
    else:
        initial = {"capacity": asked, "shown_sha256": text.sha256}
        if account:
            initial |= {"name": account.full_name, "email": account.email}
        form = NoticeForm(initial=initial, capacity=asked, kept={}, there=set())
    return render(
        request, "takedowns/notices/give.html", {"form": form, "text": text, "capacity": asked}, status=status
    )


@never_cache
def sent(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm a notice at once, and offer to record the voice now; who gave it is not shown again."""
    notice = links.at_adding(token)
    has_sample = NoticeFile.objects.filter(notice_id=notice.pk, kind=NoticeFile.Kind.SAMPLE).exists()
    context = {
        "notice": notice,
        "clocks": Deadline.objects.of(notice),
        "has_sample": has_sample,
        "upload_url": reverse("takedowns:notice-recording", args=[token]),
        "least": LEAST,
        "most": MOST,
        "page": links.status(notice) if notice.account_id and notice.account_id == request.user.pk else "",
    }
    return render(request, "takedowns/notices/sent.html", context)


@require_POST
def recording(request: HttpRequest, token: str) -> HttpResponse:
    """Take the recording of the real voice for a notice that was just given."""
    notice = links.at_adding(token)
    return _take_sample(request, notice, reverse("takedowns:notice-sent", args=[token]))


@never_cache
def notice(request: HttpRequest, token: str) -> HttpResponse:
    """Show the claimant how the notice stands; here they confirm their address, and answer what they are asked."""
    mine = links.at_status(token)
    asked = mine.questions.filter(status=NoticeQuestion.Status.ASKED).first()
    form = AnswerForm(request.POST if "words" in request.POST else None)
    status = 200
    if request.method == "POST":
        if "words" not in request.POST:
            services.confirm(mine)
            return redirect("takedowns:notice", token)
        status = 422
        if form.is_valid():
            try:
                services.answer(mine, text=form.cleaned_data["words"])
                return redirect("takedowns:notice", token)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    claims = list(mine.claims.exclude(status=Claim.Status.CANDIDATE).select_related("voice"))
    now = timezone.now()
    context = {
        "notice": mine,
        "token": token,
        "clocks": [(clock, clock.is_late(now)) for clock in Deadline.objects.of(mine)],
        "claims": claims,
        "countered": [one for one in claims if hasattr(one, "counter_notice")],
        "form": form,
        "asked": asked,
        "question": services.unsealed(mine, asked, asked.sealed) if asked else "",
        "answered": mine.questions.exclude(status=NoticeQuestion.Status.ASKED),
        "appeals": jobs.appeals(mine, claims) if mine.status == Notice.Status.RESOLVED else [],
        "filed": _appeals_of(mine, claims),
        "has_sample": any(file.kind == NoticeFile.Kind.SAMPLE for file in words.files(mine)),
        "upload_url": reverse("takedowns:notice-sample", args=[token]),
        "least": LEAST,
        "most": MOST,
        "by_link": True,
    }
    return render(request, "takedowns/notices/status.html", context, status=status)


@require_POST
def sample(request: HttpRequest, token: str) -> HttpResponse:
    """Take a recording of the real voice from the claimant's own page."""
    return _take_sample(request, links.at_status(token), reverse("takedowns:notice", args=[token]))


@never_cache
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Take a notice back, after asking once."""
    mine = links.at_status(token)
    if request.method == "POST":
        services.withdraw(mine)
        return redirect("takedowns:notice", token)
    return render(request, "takedowns/notices/withdraw.html", {"notice": mine, "token": token, "by_link": True})


def _appeals_of(mine: Notice, claims: list[Claim]) -> list[Appeal]:
    cases = [case.pk for one in (mine, *claims) for case in Case.objects.about(one)]
    return list(Appeal.objects.filter(decision__case__in=cases, side=Appeal.Side.REPORTER))


def _take_sample(request: HttpRequest, notice: Notice, back: str) -> HttpResponse:
    form = SampleForm(request.POST, request.FILES)
    wants_json = "application/json" in request.headers.get("Accept", "")
    if not form.is_valid():
        message = " ".join(str(why) for why in form.errors["audio"])
        error = {"code": "recording_missing", "message": message, "next_step": "Record, or choose a file."}
        return JsonResponse({"error": error}, status=422) if wants_json else redirect(back)
    services.keep_file(
        notice.pk,
        kind=NoticeFile.Kind.SAMPLE,
        content=form.cleaned_data["audio"],
        address=address(request),
        account=notice.account,
        at=timezone.now(),
    )
    return JsonResponse({"next": back}) if wants_json else redirect(back)


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


def _keep_files(request: HttpRequest, key: UUID, account: User | None) -> dict[str, Refusal]:
    """Keep what came, so that a form that has to be mended need not be given the files again."""
    refused: dict[str, Refusal] = {}
    if Notice.objects.filter(pk=key).exists():  # sent a second time
        return refused
    for kind in NoticeFile.Kind.values:
        content = request.FILES.get(kind)
        if content is not None:
            try:
                services.keep_file(
                    key,
                    kind=kind,
                    content=cast(BinaryIO, content),
                    address=address(request),
                    account=account,
                    at=timezone.now(),
                )
            except Refusal as refusal:
                refused[kind] = refusal
    return refused


def _described(file: NoticeFile) -> str:
    if file.kind == NoticeFile.Kind.PROOF:
        return f"{file.content_type.partition('/')[2].upper()}, {max(1, file.size // 1000):,} kB"
    return f"{file.seconds:.0f} seconds of sound"
