"""Where an account sees and hands in the evidence of a consent, and where anybody learns how to verify a bundle."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.client import SignedIn
from consent.models import ConsentRecord
from takedowns.demands import services as demands
from takedowns.demands.forms import DocumentForm
from takedowns.evidence import services
from takedowns.evidence.bundle import VERIFIER_SOURCE
from takedowns.models import EvidenceDemand
from velluto.audit.checkpoints import signing_key, trusted_keys
from velluto.errors import Refusal
from voices.models import Voice


@login_required
def evidence(request: SignedIn, voice_id: str) -> HttpResponse:
    """Show the evidence of a voice's consent and what is demanded of it; take the document that was demanded."""
    voice = _voice(request, voice_id)
    demand = EvidenceDemand.objects.filter(voice=voice).first()
    form, status = DocumentForm(), 200
    if request.method == "POST" and demand is not None:
        form = DocumentForm(request.POST, request.FILES)
        if form.is_valid():
            given = form.cleaned_data
            try:
                demands.answer(
                    demand,
                    content=given["file"],
                    signer=given["signer"],
                    signed_on=given["signed_on"],
                    actor=request.user,
                )
                messages.success(request, "Thank you. A person reads it now; you get an e-mail with the answer.")
                return redirect("takedowns:evidence", voice.pk)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
        else:
            status = 422
    return render(
        request,
        "takedowns/evidence/voice.html",
        {
            "voice": voice,
            "consent": ConsentRecord.objects.filter(voice=voice).select_related("attestation").first(),
            "demand": demand,
            "form": form,
            "documents": [one for one in voice.documents.all() if one.account_id == request.user.pk],
        },
        status=status,
    )


@login_required
@require_POST
def bundle(request: SignedIn, voice_id: str) -> HttpResponse:
    """Hand the account its bundle about the consent for one of its voices."""
    voice = _voice(request, voice_id)
    response = HttpResponse(services.hand_over(voice, actor=request.user), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="velluto-consent-{voice.pk.hex[:8]}.zip"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def verifying(request: HttpRequest) -> HttpResponse:
    """Say how a bundle is verified, and with which keys."""
    today = signing_key().public_key().public_bytes_raw().hex()
    return render(
        request, "takedowns/evidence/verifying.html", {"key": today, "former": sorted(trusted_keys() - {today})}
    )


@require_GET
def verifier(request: HttpRequest) -> HttpResponse:
    """Give the script that verifies a bundle, as it lies in every bundle."""
    response = HttpResponse(VERIFIER_SOURCE.read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify.py"'
    return response


def _voice(request: SignedIn, voice_id: str) -> Voice:
    return get_object_or_404(request.user.voices.select_related("owner", "account"), pk=voice_id)
