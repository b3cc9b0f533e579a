"""How the services of signed documents are recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from consent import services as consent
from consent.documents import services
from tests import factories
from tests.consent import papers

Action = Callable[[], object]


def put_document() -> Action:
    voice = factories.declared_voice()
    return lambda: papers.kept(voice)


def on_a_document(act: Callable[..., object], **options: object) -> Callable[[], Action]:
    def prepare() -> Action:
        document, actor = papers.kept(factories.declared_voice()), factories.moderator()
        return lambda: act(document, actor=actor, **options)

    return prepare


def end_evidence() -> Action:
    voice = factories.declared_voice()
    papers.kept(voice)
    consent.withdraw(voice, actor=voice.account, reason="So")
    return lambda: services.end_evidence(voice, at=timezone.now() + timedelta(days=1_200))


ACTIONS = {
    "consent.documents.services.put_document": put_document,
    "consent.documents.services.read_document": on_a_document(services.read_document),
    "consent.documents.services.verify_document": on_a_document(services.verify_document, reason="It is good."),
    "consent.documents.services.refuse_document": on_a_document(services.refuse_document, reason="It is not."),
    "consent.documents.services.end_evidence": end_evidence,
}
PARTS: dict[str, str] = {}
READS = {"consent.documents.services.signer_of"}
