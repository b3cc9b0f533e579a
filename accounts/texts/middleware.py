"""Ask for the acceptance of the operator's texts before anything new is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts import policies
from accounts.texts import refusals, services
from velluto.middleware import answer, wants_json


class TextsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Leave open what a suspended account reaches: its own data, and all that ends or withdraws something."""
        match = request.resolver_match
        name = match.view_name if match else ""
        open_to_all = policies.open_to_suspended(name) or name.startswith("admin:")
        if open_to_all or not request.user.is_authenticated or not services.missing(request.user):
            return None
        if request.method == "GET" and not wants_json(request):
            return redirect(f"{reverse('texts:accept')}?{urlencode({'next': request.get_full_path()})}")
        return answer(request, refusals.TextsNotAccepted())
