"""Keep suspended accounts to the pages that the policy leaves open to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts import policies, refusals
from velluto.middleware import answer


class StandingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Ask the policy before any view runs: a page that nobody thought of is closed to suspended accounts."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if policies.open_to_suspended(name) or not request.user.is_authenticated:
            return None
        try:
            policies.require_active(request.user.status)
        except refusals.AccountSuspended as refusal:
            return answer(request, refusal)
        return None
