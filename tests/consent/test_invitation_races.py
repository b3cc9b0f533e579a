"""Answers that come at the same moment. SQLite takes one writer at a time and would hide a race: on PostgreSQL only."""

from __future__ import annotations

import pytest
from django.db import connection, connections

from consent import invitations, refusals, services
from consent.models import Invitation, OwnerConsent, OwnerLink
from tests import factories
from tests.accounts.test_credit_races import at_once
from velluto.audit.verification import verify
from voices.models import Voice

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True, databases=["default", "keys"])]


@pytest.fixture(autouse=True)
def on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("set DATABASE_URL to a PostgreSQL database")


def alone(act):
    def run(number: int):
        try:
            return act(number)
        finally:
            connections.close_all()

    return run


@pytest.mark.parametrize("round_", range(3))
def test_of_a_yes_and_a_no_at_once_one_stands_whole(round_: int):
    voice = factories.entrusted_voice()
    link = factories.invite(voice)

    def answer(number: int):
        mine = OwnerLink.objects.select_related("invitation__voice__owner").get(pk=link.pk)
        return factories.grant(mine) if number % 2 else invitations.decline(mine)

    results = at_once(alone(answer), threads=6)
    errors = [one for one in results if isinstance(one, Exception)]
    assert len(errors) == 5, errors
    assert {type(error) for error in errors} <= {refusals.InvitationAnswered, refusals.GateClosed}
    granted = Invitation.objects.get().status == "granted"
    voice.refresh_from_db()
    assert OwnerConsent.objects.exists() is granted
    assert (voice.status == Voice.Status.DELETED) is not granted
    assert verify().intact


def test_a_voice_given_up_in_the_moment_of_the_yes_is_given_up():
    voice = factories.entrusted_voice()
    link = factories.invite(voice)

    def act(number: int):
        if number == 0:
            return services.withdraw(Voice.objects.get(pk=voice.pk), actor=voice.account, reason="given up")
        return factories.grant(OwnerLink.objects.select_related("invitation__voice__owner").get(pk=link.pk))

    results = at_once(alone(act), threads=4)
    assert results[0] is None, results[0]
    voice.refresh_from_db()
    assert voice.status == Voice.Status.DELETED
    kinds = {type(one) for one in results[1:] if isinstance(one, Exception)}
    assert kinds <= {refusals.InvitationAnswered, refusals.GateClosed}, results
    assert verify().intact
