"""A person's own account, credits and API keys."""

from __future__ import annotations

from uuid import UUID, uuid4

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import keys as api_keys
from accounts import services
from accounts.client import SignedIn
from accounts.forms import ApiKeyForm, NameForm
from velluto.errors import Refusal


@login_required
def account(request: SignedIn) -> HttpResponse:
    form = NameForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        services.correct_name(request.user, **form.cleaned_data, actor=request.user)
        messages.success(request, "Your name is saved.")
        return redirect("accounts:home")
    return render(request, "account/home.html", {"form": form, "balance": f"{services.balance(request.user):,}"})


@login_required
def credits(request: SignedIn) -> HttpResponse:
    balance = services.balance(request.user)
    page = Paginator(request.user.credit_entries.all(), 25).get_page(request.GET.get("page"))
    return render(
        request,
        "account/credits.html",
        {"balance": f"{balance:,}", "page": page, "allowance": f"{settings.FREE_ALLOWANCE:,}"},
    )


@never_cache
@login_required
@reauthentication_required(allow_get=True)  # a session left open must not become a key that outlasts it
def keys(request: SignedIn) -> HttpResponse:
    """List the keys, and make one: its secret stands on this one answer and nowhere else."""
    form = ApiKeyForm(request.POST or None, initial={"id": uuid4()})
    secret, status = "", 200
    if request.method == "POST" and form.is_valid():
        try:
            secret = api_keys.create(request.user, **form.cleaned_data)
            form = ApiKeyForm(initial={"id": uuid4()})
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    rows = request.user.api_keys.all()[:50]
    return render(request, "account/keys.html", {"form": form, "secret": secret, "keys": rows}, status=status)


@login_required
@require_POST
def revoke_key(request: SignedIn, key_id: UUID) -> HttpResponse:
    api_keys.revoke(get_object_or_404(request.user.api_keys, pk=key_id), actor=request.user)
    messages.success(request, "The key is revoked. No call with it is answered any more.")
    return redirect("accounts:keys")
