"""A person's own account and credits."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts import services
from accounts.client import SignedIn
from accounts.forms import NameForm


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
