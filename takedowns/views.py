"""Where an account ends a voice and follows its end, and what the links in the mails open."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import sanctions
from accounts.client import SignedIn
from accounts.models import Sanction, Strike
from moderation.models import Appeal, Decision, PolicySection
from moderation.services import redress
from takedowns import cascade, certificates, services
from takedowns.forms import WithdrawForm
from takedowns.models import PortalLink, Revocation
from velluto.audit.checkpoints import trusted_keys
from velluto.errors import Refusal
from voices.models import Voice

TOLD = (Sanction.Kind.SUSPENSION, Sanction.Kind.FORFEITURE, Sanction.Kind.NOTICE, Sanction.Kind.RESTRICTION)


@login_required
def withdraw(request: SignedIn, voice_id: str) -> HttpResponse:
    """Withdraw one's consent: the voice, and everything made from the recordings, is destroyed."""
    voice = _voice(request, voice_id)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        own = voice.owner.account_id == request.user.pk and not _has_another_owner(voice)
        by = Revocation.By.VOICE_OWNER if own else Revocation.By.ACCOUNT
        try:
            services.revoke(
                voice,
                by=by,
                actor=request.user,
                reason="withdrawn by the account holder",
                copy=own and form.cleaned_data["copy"],
            )
            return redirect("takedowns:end", voice.pk)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("voices:detail", voice.pk)
    return render(request, "takedowns/withdraw.html", {"voice": voice, "form": form})


@login_required
@require_GET
def end(request: SignedIn, voice_id: str) -> HttpResponse:
    """Show how far the end of a voice has come."""
    revocation = get_object_or_404(Revocation, voice=_voice(request, voice_id))
    done = {step.step: step for step in revocation.steps.all()}
    return render(
        request,
        "takedowns/end.html",
        {
            "voice": revocation.voice,
            "revocation": revocation,
            "steps": [{"name": name, "done": done.get(name)} for name, _, _ in cascade.STEPS],
            "outputs": done["outputs"].receipt if "outputs" in done else {},
            "copy_waits": revocation.copy_open(timezone.now()),
            "certificate": certificates.link(revocation, "certificate") if revocation.certificate else "",
        },
    )


@login_required
@require_GET
def standing(request: SignedIn) -> HttpResponse:
    """Say what stands against an account, why, until when, and how to appeal."""
    now = timezone.now()
    told = Sanction.objects.standing(at=now).filter(account=request.user, kind__in=TOLD)
    entries = [
        {
            "title": one.get_kind_display(),
            "own": one.kind == Sanction.Kind.RESTRICTION,
            "since": one.starts_at,
            "until": one.ends_at,
            **_why(one),
        }
        for one in told
    ]
    strikes = Strike.objects.in_force(at=now).filter(account=request.user)
    entries += [{"title": "Strike", "since": one.given_at, "until": one.expires_at, **_why(one)} for one in strikes]
    ends = [one.ends_at for one in told if one.kind in sanctions.SUSPENDING]
    until = max(filter(None, ends), default=None) if None not in ends else None
    return render(request, "takedowns/standing.html", {"entries": entries, "until": until})


def _why(given: Sanction | Strike) -> dict[str, object]:
    """Return the section, the reasons, and the link by which the decision can be questioned."""
    section = PolicySection.objects.filter(pk=given.section).first()
    made = Decision.objects.filter(status=Decision.Status.MADE).select_related("case")
    decision = made.filter(pk=given.decision_id).first() if given.decision_id else None
    may_appeal = decision and timezone.now() <= redress.until(decision)
    link = redress.link(decision.case, Appeal.Side.AFFECTED) if decision and may_appeal else ""
    return {"section": section or given.section, "reason": given.reason, "appeal": link}


@never_cache
def copy(request: HttpRequest, token: str) -> HttpResponse:
    """Hand the owner the copy; a page first, for programs that open the links in mails fetch nothing by that."""
    revocation = certificates.at_link(token, "copy")
    if request.method == "POST":
        answer = HttpResponse(services.fetch_copy(revocation), content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="velluto-recordings-{revocation.pk.hex[:8]}.zip"'
        return answer
    is_open = revocation.copy_open(timezone.now())
    return render(
        request,
        "takedowns/copy.html",
        {"revocation": revocation, "is_open": is_open},
        status=200 if is_open else 410,
    )


@never_cache
@require_GET
def certificate(request: HttpRequest, token: str) -> HttpResponse:
    """Show the certificate of destruction to whoever was sent its link."""
    revocation = _certified(token)
    return render(
        request,
        "takedowns/certificate.html",
        {
            "revocation": revocation,
            "certificate": revocation.certificate,
            "genuine": certificates.is_genuine(revocation.certificate, trusted=trusted_keys()),
            "sha256": certificates.digest(revocation.certificate),
            "token": token,
        },
    )


@never_cache
@require_GET
def certificate_json(request: HttpRequest, token: str) -> HttpResponse:
    """Give the certificate as it was signed."""
    revocation = _certified(token)
    name = f"velluto-certificate-{revocation.pk.hex[:8]}.json"
    return JsonResponse(
        revocation.certificate,
        json_dumps_params={"indent": 2, "sort_keys": True},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _has_another_owner(voice: Voice) -> bool:
    """Tell whether a human confirmed that somebody else is the Voice Owner."""
    return PortalLink.objects.filter(voice=voice, status=PortalLink.Status.LIVE).exists()


def _voice(request: SignedIn, voice_id: str) -> Voice:
    return get_object_or_404(request.user.voices.select_related("owner", "account"), pk=voice_id)


def _certified(token: str) -> Revocation:
    revocation = certificates.at_link(token, "certificate")
    if not revocation.certificate:
        raise Http404
    return revocation
