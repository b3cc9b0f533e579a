"""The pages for people about whom something was decided."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from moderation import registry
from moderation.forms import AppealForm
from moderation.models import Appeal, StatementOfReasons
from moderation.services import appeals, redress
from velluto.errors import Refusal


@never_cache
def appeal(request: HttpRequest, token: str) -> HttpResponse:
    """Show a decision to the side that has the link, and take its appeal."""
    decision, side = redress.at_link(token)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            appeals.file(token, words=form.cleaned_data["words"])
            return redirect("moderation:appeal", token)
        except Refusal as refusal:
            form.add_error("words", str(refusal))
    filed = Appeal.objects.filter(decision=decision, side=side).first()
    context = {
        "decision": decision,
        "side": side,
        "choice": registry.question(decision.case.kind).choice(decision.choice),
        "statement": StatementOfReasons.objects.filter(decision=decision).first(),
        "until": redress.until(decision),
        "filed": filed,
        "answer": decision.reversed_by if filed and filed.status == Appeal.Status.OVERTURNED else None,
        "form": form,
    }
    return render(request, "moderation/appeal.html", context, status=422 if form.errors else 200)
