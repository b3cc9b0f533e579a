"""Where anybody reads the operator's texts, and an account accepts them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import client
from accounts.client import SignedIn
from accounts.texts import services
from accounts.texts.forms import AcceptForm
from accounts.texts.models import LegalText
from velluto.errors import Refusal


@require_GET
def texts(request: HttpRequest) -> HttpResponse:
    order = LegalText.Kind.values
    current = sorted(LegalText.objects.current().defer("body"), key=lambda text: order.index(text.kind))
    return render(request, "texts/list.html", {"texts": current})


@require_GET
def text(request: HttpRequest, kind: str, number: int | None = None) -> HttpResponse:
    """Show the version in force, or one that was; each says which it is and where the others are."""
    versions = LegalText.objects.filter(kind=kind).order_by("-number")
    newest = versions.first()
    shown = get_object_or_404(versions, number=number) if number else newest
    if shown is None or newest is None:
        return render(request, "texts/none.html", status=404)
    return render(
        request,
        "texts/text.html",
        {"text": shown, "newest": newest, "versions": versions.defer("body")},
    )


@never_cache
@login_required
def accept(request: SignedIn) -> HttpResponse:
    """Let an account accept what it has not accepted yet, and go on to where it wanted to go."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = resolve_url("voices:list")
    missing = services.missing(request.user)
    if not missing:
        return redirect(target)
    form = AcceptForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.accept(
                request.user,
                shown=set(request.POST.getlist("shown")),
                ip_address=client.address(request),
                user_agent=request.META.get("HTTP_USER_AGENT", ""),
            )
            return redirect(target)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            missing = services.missing(request.user)
    return render(request, "texts/accept.html", {"texts": missing, "form": form, "next": target})
