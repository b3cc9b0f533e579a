"""A held text that is decided, withdrawn and edited at once, and released while its voice is revoked. On PostgreSQL."""

from __future__ import annotations

import pytest
from django.db import connection, connections

from accounts import services as accounts
from accounts.models import User
from consent.refusals import ConsentEnded
from moderation import services as moderation
from moderation.models import Case, Decision
from synthesis import refusals, services
from synthesis.models import SpeechRequest
from synthesis.screening import HOLD_AT
from takedowns import services as takedowns
from tests import factories
from tests.accounts.test_credit_races import at_once
from tests.moderation.reported import speaking_voice
from tests.synthesis.test_screening import Screener
from velluto import engines, jobs
from velluto.audit.verification import verify
from velluto.errors import Refusal
from velluto.jobs import Job
from voices.models import Voice

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True, databases=["default", "keys"])]


@pytest.fixture(autouse=True)
def on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("set DATABASE_URL to a PostgreSQL database")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> SpeechRequest:
    monkeypatch.setattr(engines, "screening", lambda: Screener(HOLD_AT))
    voice = speaking_voice()
    return services.request_speech(account=voice.account, voice=voice, text="A text that is held.")


@pytest.fixture
def moderator(held: SpeechRequest) -> User:
    actor = factories.moderator()
    moderation.claim(Case.objects.get(kind="synthesis.script"), actor=actor)
    return actor


def alone(act):
    def run(number: int):
        try:
            return act(number)
        finally:
            connections.close_all()

    return run


def mine(held: SpeechRequest) -> SpeechRequest:
    return SpeechRequest.objects.select_related("account", "voice__owner").get(pk=held.pk)


def decide(choice: str, actor: User) -> Decision:
    case = Case.objects.get(kind="synthesis.script")
    return moderation.decide(case, choice=choice, section="3", reason="I have read it.", actor=actor)


def jobs_that_speak() -> int:
    return Job.objects.filter(name="synthesis.speak", status__in=("queued", "running")).count()


@pytest.mark.parametrize("round_", range(2))
@pytest.mark.parametrize("choice", ["release", "hate"])
def test_decided_withdrawn_and_edited_at_once_it_ends_one_way_and_is_paid_for_once(held, moderator, choice, round_):
    account = held.account
    paid = accounts.balance(account)

    def act(number: int):
        if number == 0:
            return decide(choice, moderator)
        return services.cancel(mine(held), actor=account)  # the pages that withdraw and that edit both call this

    results = at_once(alone(act), threads=4)
    errors = [one for one in results if isinstance(one, Exception)]
    assert {type(one) for one in errors} <= {
        moderation.CaseDecided,
        moderation.CaseNotClaimed,
        refusals.AlreadyFinished,
    }
    held.refresh_from_db()
    assert Case.objects.get(kind="synthesis.script").status == Case.Status.DECIDED
    decided = Decision.objects.exists()
    cancelled = any(one is None for one in results[1:])
    assert decided or cancelled
    if cancelled:  # a release may come first and be cancelled after
        assert held.status == "cancelled" and (not decided or choice == "release")
    else:
        assert held.status == {"release": "queued", "hate": "failed"}[choice]
    assert jobs_that_speak() == (held.status == "queued")
    assert accounts.balance(account) == paid + (0 if held.status == "queued" else held.characters)
    assert verify().intact


@pytest.mark.parametrize("round_", range(2))
def test_released_while_its_voice_is_revoked_nothing_is_spoken(held, moderator, round_):
    account, paid = held.account, accounts.balance(held.account)

    def act(number: int):
        if number == 0:
            return decide("release", moderator)
        voice = Voice.objects.select_related("owner").get(pk=held.voice_id)
        return takedowns.revoke(voice, by="account", actor=account, reason="changed my mind")

    released, revoked = at_once(alone(act), threads=2)
    assert not isinstance(revoked, Exception), revoked
    if isinstance(released, Exception):
        assert isinstance(released, (ConsentEnded, moderation.CaseDecided)), released
    jobs.drain()
    held.refresh_from_db()
    assert (held.status, held.error_code) == ("failed", "consent_ended")
    assert not services.Output.objects.exists() and jobs_that_speak() == 0
    assert accounts.balance(account) == paid + held.characters
    assert Case.objects.get(kind="synthesis.script").status == Case.Status.DECIDED
    assert verify().intact
    with pytest.raises(Refusal):
        services.request_speech(account=account, voice=Voice.objects.get(pk=held.voice_id), text="Again.")
