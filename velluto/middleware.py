"""What every page gets without asking for it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from velluto.errors import Refusal


class RefusalMiddleware:
    """Answer a refusal that no view expected with a page (or JSON, where that is asked for) that says why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse({"error": exception.as_dict()}, status=exception.status)
        return render(request, "refused.html", {"refusal": exception}, status=exception.status)
