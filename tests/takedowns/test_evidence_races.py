"""What happens to demands and legal requests at the same moment. On PostgreSQL only: SQLite has one writer."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.db import connection

from accounts.roles import SENIOR_MODERATOR
from moderation import refusals as desk
from moderation import services as moderation
from moderation.models import Case
from takedowns.demands import refusals
from takedowns.demands import services as demands
from takedowns.legal import services as legal
from takedowns.models import EvidenceDemand, LegalRequest
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.accounts.test_credit_races import at_once
from tests.consent import papers
from tests.consent.test_invitation_races import alone
from tests.takedowns import requests
from velluto.audit.models import AuditEvent
from velluto.audit.verification import verify
from velluto.jobs import Job

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True, databases=["default", "keys"])]


@pytest.fixture(autouse=True)
def on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("set DATABASE_URL to a PostgreSQL database")


@pytest.mark.parametrize("round_", range(3))
def test_a_document_that_comes_in_the_moment_of_the_lapse_is_taken_once(round_: int):
    voice = factories.declared_voice()
    demand = demands.demand(voice, reason="So", actor=factories.moderator())

    def act(number: int):
        if number % 2:
            return demands.sweep(at=demand.due_at)
        mine = EvidenceDemand.objects.select_related("voice__account", "voice__owner").get(pk=demand.pk)
        given = {"content": io.BytesIO(papers.pdf()), "signer": "Alice Baker", "signed_on": date(2026, 1, 5)}
        return demands.answer(mine, actor=voice.account, at=demand.due_at - timedelta(seconds=1), **given)

    results = at_once(alone(act), threads=6)
    errors = [one for one in results if isinstance(one, Exception)]
    assert [type(error) for error in errors] == [refusals.DemandSettled] * 2, errors
    demand.refresh_from_db()
    assert demand.status == "answered"
    assert voice.documents.count() == 1
    assert Case.objects.about(demand).count() == 1
    assert AuditEvent.objects.filter(event="takedowns.evidencedemand.lapsed").count() <= 1
    assert verify().intact


def test_sweeps_that_meet_remind_and_suspend_once():
    voice = standins.active_voice()
    demand = demands.demand(voice, reason="So", actor=factories.moderator())
    for at, event in (
        (demand.asked_at + timedelta(days=7), "takedowns.evidencedemand.reminded"),
        (demand.due_at, "voices.voice.suspended"),
    ):
        results = at_once(alone(lambda number, at=at: demands.sweep(at=at)), threads=5)
        assert sorted(results, reverse=True) == [1, 0, 0, 0, 0], results
        assert AuditEvent.objects.filter(event=event).count() == 1
    assert verify().intact


def test_of_several_second_persons_one_approves_and_one_bundle_is_packed():
    request = requests.received(make_user())
    requests.proposed(request)
    seniors = [factories.moderator(role=SENIOR_MODERATOR) for _ in range(4)]
    results = at_once(
        alone(lambda number: moderation.approve(requests.case_of(request), actor=seniors[number])), threads=4
    )
    assert sum(isinstance(one, desk.CaseNotProposed) for one in results) == 3, results
    assert Job.objects.filter(name=legal.PACK).count() == 1
    standins.drain()
    request = LegalRequest.objects.get(pk=request.pk)
    over = at_once(alone(lambda number: legal.sweep(at=request.destroy_at)), threads=4)
    assert not [one for one in over if isinstance(one, Exception)], over
    assert AuditEvent.objects.filter(event="takedowns.legalrequest.destroyed").count() == 1
    assert verify().intact
