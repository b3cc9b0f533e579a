"""The pages on which people see what is held of them, and ask for it, or for its end."""

from __future__ import annotations

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import client, sanctions
from accounts.client import SignedIn
from takedowns import certificates
from takedowns.models import PrivacyRequest
from takedowns.privacy import links, policies, services
from takedowns.privacy.forms import AskForm, EraseForm, OutsideForm
from takedowns.retention import services as retention
from velluto.audit.checkpoints import trusted_keys
from velluto.errors import Refusal

Status = PrivacyRequest.Status


@login_required
@require_GET
def overview(request: SignedIn) -> HttpResponse:
    """Say what one may ask for, and how far it is."""
    now = timezone.now()
    return render(
        request,
        "takedowns/privacy/overview.html",
        {
            "requests": request.user.privacy_requests.all()[:10],
            "restriction": sanctions.restriction_of(request.user),
            "held": sanctions.open_hold(request.user),
            "now": now,
        },
    )


@login_required
@require_GET
def access(request: SignedIn) -> HttpResponse:
    """Say in words what is held of this account, why, and until when."""
    return render(request, "takedowns/privacy/access.html", {"held": list(retention.held_of(request.user))})


@login_required
@require_POST
@reauthentication_required  # a session left open must not become a copy of everything
def export(request: SignedIn) -> HttpResponse:
    try:
        services.export(request.user)
        messages.success(request, "Your data is being put together. You get an e-mail when it is ready.")
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("takedowns:privacy")


@never_cache
@login_required
@reauthentication_required
@require_GET
def download(request: SignedIn, request_id: UUID) -> HttpResponseBase:
    """Hand over the archive, to its account alone."""
    wanted = get_object_or_404(request.user.privacy_requests, pk=request_id, kind=PrivacyRequest.Kind.ACCESS)
    if wanted.by == PrivacyRequest.By.AGENT:
        return redirect("takedowns:privacy")  # the agent has a link
    return _archive(wanted, services.fetch(wanted, actor=request.user))


@login_required
@require_POST
def restrict(request: SignedIn) -> HttpResponse:
    services.restrict(request.user)
    messages.success(request, "Nothing is done with your data any more, but for keeping it safe, until you lift this.")
    return redirect("takedowns:privacy")


@login_required
@require_POST
@reauthentication_required
def lift_restriction(request: SignedIn) -> HttpResponse:
    services.lift_restriction(request.user)
    messages.success(request, "The restriction is lifted.")
    return redirect("takedowns:privacy")


@login_required
def ask(request: SignedIn) -> HttpResponse:
    """Put a request before a person."""
    form = AskForm(request.POST or None, held=sanctions.open_hold(request.user) is not None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask(request.user, **form.cleaned_data)
            messages.success(request, "It is with a person. You are told what they decide, and why.")
            return redirect("takedowns:privacy")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    return render(request, "takedowns/privacy/ask.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@login_required
@reauthentication_required(allow_get=True)
def erase(request: SignedIn) -> HttpResponse:
    """Erase one's account, after a page that says what goes and what stays."""
    held = sanctions.open_hold(request.user)
    form = EraseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = services.erase(request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            logout(request)
            return redirect(links.path(asked))
    kept = [kind for kind in retention.schedule() if kind.code in ("evidence", "ledger", "usage", "decisions", "audit")]
    context = {
        "form": form,
        "held": held,
        "kept": kept,
        "voices": request.user.voices.exclude(status="deleted").count(),
    }
    return render(request, "takedowns/privacy/erase.html", context, status=422 if form.errors else 200)


# ------------------------------------------------------------------------------------------------ by e-mail


def outside(request: HttpRequest) -> HttpResponse:
    """Take the request of somebody who has no account, or asks for somebody else."""
    form = OutsideForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_by_mail(**form.cleaned_data, address=client.address(request))
            return redirect("takedowns:privacy-sent")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    return render(request, "takedowns/privacy/outside.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "takedowns/privacy/sent.html", {"days": policies.PROOF_WAITS.days})


@never_cache
def by_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show one request to whoever has its link; a button confirms the address, or fetches the archive."""
    asked = links.at(token)
    if asked.status == Status.LAPSED:
        links.gone()
    ready = bool(asked.object) and asked.until is not None and asked.until > timezone.now()
    if request.method == "POST":
        if asked.status == Status.UNPROVEN:
            services.prove(asked)
            return redirect("takedowns:privacy-request", token)
        if ready and not _belongs_to_an_account(asked):
            return _archive(asked, services.fetch(asked, actor="privacy-link"))
    return render(
        request,
        "takedowns/privacy/request.html",
        {
            "asked": asked,
            "token": token,
            "ready": ready,
            "sign_in": _belongs_to_an_account(asked),
            "steps": [step.step for step in asked.steps.all()],
            "genuine": bool(asked.certificate) and certificates.is_genuine(asked.certificate, trusted=trusted_keys()),
            "sha256": certificates.digest(asked.certificate) if asked.certificate else "",
        },
    )


@never_cache
@require_GET
def certificate(request: HttpRequest, token: str) -> HttpResponse:
    """Give the certificate of an erasure as it was signed."""
    asked = links.at(token)
    if not asked.certificate:
        links.gone()
    name = f"velluto-certificate-{asked.pk.hex[:8]}.json"
    return JsonResponse(
        asked.certificate,
        json_dumps_params={"indent": 2, "sort_keys": True},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _belongs_to_an_account(asked: PrivacyRequest) -> bool:
    """Tell whether an archive is fetched by signing in; a link alone would give it to whoever reads the mail."""
    account = asked.account
    return asked.by != PrivacyRequest.By.AGENT and account is not None and account.is_active


def _archive(asked: PrivacyRequest, content: object) -> HttpResponseBase:
    name = f"velluto-{asked.received_at:%Y-%m-%d}-{asked.pk.hex[:8]}.zip"
    answer = FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")
    answer["Cache-Control"] = "private, no-store"
    return answer
