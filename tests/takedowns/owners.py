"""A voice that is somebody else's than the account's, and the owner's link to it, reached through the services."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.models import OwnerLink
from consent.policies import Scope
from consent.services import attestation
from tests import factories, standins
from tests.consent.test_invitations import receipt_of
from velluto import jobs
from voices.models import Voice


def entrusted(*, scope: Scope = factories.OWN_USE, asked: Scope = factories.EVERYTHING, **options) -> Voice:
    """Return somebody else's voice that can speak, allowed what the scope says; the engines are stand-ins."""
    voice = factories.entrusted_voice()
    link = factories.invite(voice, scope=asked, **options)
    # A moment ago: what the owner signs comes before what is handed in.
    factories.grant(link, scope=scope, at=timezone.now() - timedelta(seconds=5))
    standins.through_the_gate(voice)
    return voice


def link_to(voice: Voice) -> str:
    return reverse("owners:portal", args=[receipt_of(voice)])


def page(voice: Voice) -> str:
    return Client().get(link_to(voice)).content.decode()


def post(voice: Voice, what: str, data: dict[str, object] | None = None):
    return Client().post(reverse(f"owners:{what}", args=[receipt_of(voice)]), data or {}, follow=True)


def signed(**changed: object) -> dict[str, object]:
    text = attestation("voice_owner")
    return {"signature": "Alice Baker", "agreed": "on", "shown_sha256": text.sha256, **changed}


def later() -> None:
    """Do everything that waits."""
    standins.drain()
    jobs.drain()


def is_live(voice: Voice) -> bool:
    return OwnerLink.objects.filter(invitation__voice=voice, purpose="receipt", status="live").exists()
