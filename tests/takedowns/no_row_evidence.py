"""How the services of evidence, legal requests and demands are recorded."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

from django.utils import timezone

from accounts.models import User
from moderation.models import Decision, PolicySection
from takedowns.demands import services as demands
from takedowns.evidence import services as evidence
from takedowns.legal import services as legal
from takedowns.models import EvidenceDemand, LegalRequest
from tests import factories
from tests.accounts.factories import make_user
from tests.consent import papers
from tests.takedowns import requests

Action = Callable[[], object]


def hand_over() -> Action:
    voice = factories.declared_voice()
    return lambda: evidence.hand_over(voice, actor=voice.account)


# ------------------------------------------------------------------------- legal requests


def receive() -> Action:
    account, actor = make_user(), requests.counsel()
    return lambda: requests.received(account, actor=actor)


def decision_about(request: LegalRequest, actor: User) -> Decision:
    now = timezone.now()
    return Decision(
        case=requests.case_of(request),
        choice="produce",
        section=PolicySection.objects.get(pk=legal.SECTION),
        reason="So",
        decided_by=actor,
        decided_at=now,
        second=make_user(staff=True),
        second_at=now,
    )


def answered(answer: Callable[..., object]) -> Callable[[], Action]:
    def prepare() -> Action:
        request = requests.received(make_user())
        decision = decision_about(request, requests.counsel())
        return lambda: answer(LegalRequest.objects.get(pk=request.pk), decision=decision)

    return prepare


def keep_bundle() -> Action:
    request = requests.approved(requests.received(make_user()))
    made = evidence.bundle(request.scope, request.account, at=timezone.now())
    made.read()
    return lambda: legal.keep_bundle(LegalRequest.objects.get(pk=request.pk), name="aa/bb", made=made)


def with_bundle(act: Callable[..., object], **options: object) -> Callable[[], Action]:
    def prepare() -> Action:
        request = requests.ready(make_user())
        given = {name: value() if callable(value) else value for name, value in options.items()}
        return lambda: act(LegalRequest.objects.get(pk=request.pk), **given)

    return prepare


def fetched() -> Action:
    request, actor = requests.ready(make_user()), requests.counsel()
    return lambda: legal.fetch_bundle(request, actor=actor).close()


def swept() -> Action:
    request = requests.ready(make_user())
    return lambda: legal.sweep(at=request.destroy_at)


# ------------------------------------------------------------------------- demands


def demand() -> Action:
    voice, actor = factories.declared_voice(), factories.moderator()
    return lambda: demands.demand(voice, reason="So", actor=actor)


def demanded() -> EvidenceDemand:
    return demands.demand(factories.declared_voice(), reason="So", actor=factories.moderator())


def hand_in(there: EvidenceDemand) -> object:
    given = {"content": io.BytesIO(papers.pdf()), "signer": "Alice Baker", "signed_on": date(2026, 1, 5)}
    return demands.answer(there, actor=there.voice.account, **given)


def answer() -> Action:
    there = demanded()
    return lambda: hand_in(there)


def judged(act: Callable[..., object]) -> Callable[[], Action]:
    def prepare() -> Action:
        there, actor = demanded(), factories.moderator()
        hand_in(there)
        return lambda: act(EvidenceDemand.objects.get(pk=there.pk), actor=actor, reason="So")

    return prepare


def lapsed() -> Action:
    there = demanded()
    return lambda: demands.sweep(at=there.due_at)


ACTIONS = {
    "takedowns.evidence.services.hand_over": hand_over,
    "takedowns.legal.services.receive": receive,
    "takedowns.legal.services.approve": answered(legal.approve),
    "takedowns.legal.services.refuse": answered(legal.refuse),
    "takedowns.legal.services.keep_bundle": keep_bundle,
    "takedowns.legal.services.fetch_bundle": fetched,
    "takedowns.legal.services.read_document": with_bundle(legal.read_document, actor=requests.counsel),
    "takedowns.legal.services.change_notice": with_bundle(
        legal.change_notice, may_tell=False, silent_until=None, actor=requests.counsel, reason="So"
    ),
    "takedowns.legal.services.lift_hold": with_bundle(legal.lift_hold, actor=requests.counsel, reason="So"),
    "takedowns.legal.services.note_told": with_bundle(legal.note_told),
    "takedowns.legal.services.sweep": swept,
    "takedowns.demands.services.demand": demand,
    "takedowns.demands.services.answer": answer,
    "takedowns.demands.services.accept": judged(demands.accept),
    "takedowns.demands.services.ask_again": judged(demands.ask_again),
    "takedowns.demands.services.drop": judged(demands.drop),
    "takedowns.demands.services.sweep": lapsed,
}
PARTS: dict[str, str] = {}
READS = {
    "takedowns.evidence.services.bundle",
    *(f"takedowns.legal.services.{name}" for name in ("find", "subject_of", "lock_account")),
    "takedowns.demands.services.lock",
}
