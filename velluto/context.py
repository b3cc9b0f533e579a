"""What every template may need to know about this installation."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, object]:
    """Give the public address, and whether mails are only printed (development)."""
    return {"house_url": settings.PUBLIC_URL, "debug_mail": settings.EMAIL_BACKEND.endswith("console.EmailBackend")}
