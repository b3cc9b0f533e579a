"""How the services of who may never be cloned are recorded."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from consent import services as consent
from consent.models import ForbiddenAttempt
from consent.never import services
from consent.never.policies import OFFICE
from tests import factories
from tests.consent import papers

Action = Callable[[], object]


def record_attempt() -> Action:
    account = factories.make_user()
    return lambda: services.record_attempt(account, rule=OFFICE, whose="self", name="A Name")


def take_back() -> Action:
    decision, judge = uuid4(), factories.moderator()
    services.record_attempt(factories.make_user(), rule=OFFICE, whose="self", name="A Name", decision_id=decision)
    return lambda: services.take_back(decision, actor=judge)


def forget() -> Action:
    attempt = services.record_attempt(factories.make_user(), rule=OFFICE, whose="self", name="A Name")
    return lambda: services.forget(ForbiddenAttempt.objects.get(pk=attempt.pk))


def hand_in_authorisation() -> Action:
    voice = factories.declared_voice(public_figure=True)
    return lambda: papers.authorise(voice)


ACTIONS = {
    "consent.never.services.record_attempt": record_attempt,
    "consent.never.services.take_back": take_back,
    "consent.never.services.forget": forget,
    f"{consent.__name__}.hand_in_authorisation": hand_in_authorisation,
}
PARTS = {
    "consent.never.services.keep": "consent.services.declare",
    "consent.never.services.require_allowed": "consent.never.services.record_attempt",
}
READS = {
    f"consent.never.services.{name}" for name in ("purpose_of", "verdict_of", "require_approvable", "tried_before")
}
