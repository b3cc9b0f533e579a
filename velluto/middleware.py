"""What every page gets without asking for it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from velluto import space
from velluto.errors import Refusal


class RefusalMiddleware:
    """Answer a refusal that no view expected with a page (or JSON, where that is asked for) that says why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            return answer(request, exception)
        return answer(request, space.StorageFull()) if space.is_full(exception) else None


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Say why: as JSON where that is asked for, else as a page."""
    if wants_json(request):
        return JsonResponse({"error": refusal.as_dict()}, status=refusal.status)
    return render(request, "refused.html", {"refusal": refusal}, status=refusal.status)
