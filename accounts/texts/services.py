"""Publish the operator's texts and record who accepted them: the only writer of both."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from accounts.texts import refusals
from accounts.texts.models import LegalText, TextAcceptance
from velluto import audit


def rendered(kind: str) -> str:
    """Return a text as its template and the operator's settings make it now, whether or not that was published."""
    return render_to_string(f"texts/source/{kind}.html", {"operator": settings.OPERATOR}).strip() + "\n"


def outdated() -> list[str]:
    """Return the kinds whose published version is not what the templates and settings say, or is missing."""
    published = dict(LegalText.objects.current().values_list("kind", "sha256"))
    return [kind for kind in LegalText.Kind.values if published.get(kind) != _digest(rendered(kind))]


@transaction.atomic
def publish(*, actor: User | str, at: datetime | None = None) -> list[LegalText]:
    """Publish a new version of each text that changed; return them. Versions that were in use stay as they were."""
    numbers = dict(LegalText.objects.current().values_list("kind", "number"))
    published = []
    for kind in outdated():
        body = rendered(kind)
        text = LegalText.objects.create(
            kind=kind,
            number=numbers.get(kind, 0) + 1,
            body=body,
            sha256=_digest(body),
            published_at=at or timezone.now(),
        )
        audit.record(
            "accounts.text.published",
            actor=actor,
            subject=text,
            data={"kind": kind, "number": text.number, "sha256": text.sha256},
        )
        published.append(text)
    return published


def missing(account: User) -> list[LegalText]:
    """Return the current texts that an account has to accept and has not."""
    wanted = LegalText.objects.current().filter(kind__in=LegalText.MUST_BE_ACCEPTED)
    return list(wanted.exclude(acceptances__account=account))


@transaction.atomic
def accept(
    account: User, *, shown: set[str], ip_address: str | None, user_agent: str, at: datetime | None = None
) -> list[TextAcceptance]:
    """Record that an account accepted the texts that it was shown, by their SHA-256; raise TextsChanged."""
    texts = missing(account)
    if {text.sha256 for text in texts} - shown:
        raise refusals.TextsChanged()
    accepted = []
    for text in texts:
        accepted.append(
            TextAcceptance.objects.create(
                account=account,
                text=text,
                accepted_at=at or timezone.now(),
                ip_address=ip_address,
                user_agent=user_agent[:300],
            )
        )
        audit.record(
            "accounts.text.accepted",
            actor=account,
            subject=text,
            data={"kind": text.kind, "number": text.number, "sha256": text.sha256},
        )
    return accepted


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
