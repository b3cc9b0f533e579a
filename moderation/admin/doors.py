"""Who may post what at the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

VIEW, CLAIM, APPROVE = "moderation.view_case", "moderation.claim_case", "moderation.approve_decision"


def posted(permission: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let a view of the admin answer POST alone, and only to whoever sees cases and has the permission."""

    def guard(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(admin: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != "POST" or not request.user.has_perms([VIEW, permission]):
                raise PermissionDenied
            return view(admin, request, *args, **kwargs)

        return guarded

    return guard
