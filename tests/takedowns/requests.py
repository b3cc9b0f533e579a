"""Legal requests on their way, and the two people that it takes."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from accounts.roles import LEGAL, SENIOR_MODERATOR
from moderation import services as moderation
from moderation.models import Case
from takedowns.evidence import services as evidence
from takedowns.legal import services
from takedowns.models import LegalRequest
from tests import factories, standins
from tests.consent import papers
from velluto import vault

ORDER = papers.pdf("Produce the records.")


def counsel() -> User:
    return factories.moderator(role=LEGAL)


def received(subject: Model, *, scope: str = "account", actor: User | None = None, **options: Any) -> LegalRequest:
    given: dict[str, Any] = {
        "authority": "District Court of Halden",
        "basis": "Production order, section 94",
        "reference": "HAL-2026-113",
        "received_on": timezone.localdate(),
        "document": ORDER,
        "may_tell": True,
    }
    return services.receive(scope=scope, subject=subject, actor=actor or counsel(), **given | options)


def case_of(request: LegalRequest) -> Case:
    return Case.objects.about(request).get()


def proposed(request: LegalRequest, choice: str = "produce", *, actor: User | None = None) -> User:
    actor, case = actor or counsel(), case_of(request)
    moderation.claim(case, actor=actor)
    moderation.decide(case, choice=choice, section="9", reason="The order is valid.", actor=actor)
    return actor


def approved(request: LegalRequest) -> LegalRequest:
    """Return a request that two people agreed to answer; its bundle is not packed yet."""
    proposed(request)
    moderation.approve(case_of(request), actor=factories.moderator(role=SENIOR_MODERATOR), reason="I agree.")
    request.refresh_from_db()
    return request


def packed(subject: Model, **options: Any) -> LegalRequest:
    """Return a request whose bundle is there, without a worker's having done anything."""
    request = approved(received(subject, **options))
    made = evidence.bundle(request.scope, subject, at=timezone.now())
    name = vault.put(request.bundle_owner, services.BUNDLE, cast(BinaryIO, made))
    services.keep_bundle(request, name=name, made=made)
    return request


def ready(subject: Model, **options: Any) -> LegalRequest:
    request = approved(received(subject, **options))
    standins.drain()
    request.refresh_from_db()
    assert request.status == LegalRequest.Status.READY
    return request
