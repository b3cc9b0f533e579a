"""/healthz, /readyz and /metrics: for programs that watch Velluto. No secret, and nothing that tells about people."""

from __future__ import annotations

import time
from functools import lru_cache
from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from velluto import health
from velluto.jobs import QUEUES

REMEMBERED = 5.0  # seconds; anybody may ask, and an answer costs a write to the vault
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 where the database answers and each queue is served, else 503."""
    now = timezone.now()
    checks = health.health(now)
    ages = {queue: health.canary_age(queue, now) for queue in QUEUES if queue in checks}
    rounded = {queue: None if age is None else round(age) for queue, age in ages.items()}
    return _answer({"web": health.OK, **checks}, canary_age_seconds=rounded)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 where this process can serve, else 503; of several questions within seconds one is looked into."""
    return _answer(_readiness(int(time.monotonic() / REMEMBERED)))


@lru_cache(maxsize=1)
def _readiness(moment: int) -> dict[str, str]:
    return health.readiness()


def _answer(checks: dict[str, str], **more: object) -> JsonResponse:
    good = all(found in (health.OK, health.BUSY) for found in checks.values())
    return JsonResponse({"status": "ok" if good else "failing", "checks": checks, **more}, status=200 if good else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus; for whoever may not ask, nothing is here."""
    if not may_ask(request):
        raise Http404
    return HttpResponse(health.metrics(timezone.now()), content_type="text/plain; version=0.0.4; charset=utf-8")


def may_ask(request: HttpRequest) -> bool:
    """Tell whether a request carries METRICS_TOKEN or, where none is set, comes from this machine itself.

    A proxy on this machine has its address too, so whatever was passed on is refused: the headers can only close.
    """
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
