"""Reports that come at the same moment, and while their case is decided. On PostgreSQL only: SQLite hides a race."""

from __future__ import annotations

import pytest
from django.db import connection, connections

from moderation import refusals, services
from moderation.models import Case, Report
from tests import factories
from tests.accounts.test_credit_races import at_once
from tests.moderation.reported import detected, report, speaking_voice
from velluto.audit.verification import verify
from velluto.jobs import Job

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


def by(number: int, reference: str, what: str = "output") -> Report:
    return report(reference, what, email=f"{number}@example.org", address=f"192.0.2.{number}")


@pytest.mark.parametrize("what", ["output", "voice", "user"])
def test_eight_reporters_of_one_thing_at_once_press_one_case_and_each_is_confirmed(what: str):
    reference = detected(speaking_voice())
    made = at_once(alone(lambda number: by(number, reference, what)), threads=8)
    assert not [one for one in made if isinstance(one, Exception)], made
    assert len({one.case_id for one in made}) == 1 == Case.objects.filter(reports__isnull=False).distinct().count()
    assert Report.objects.count() == Job.objects.filter(name="moderation.tell_reporter").count() == 8
    assert verify().intact


@pytest.mark.parametrize("round_", range(2))
@pytest.mark.parametrize("choice", ["dismiss", "delete", "review"])
def test_a_report_in_the_moment_of_the_decision_is_settled_with_it_or_waits_in_a_case_of_its_own(choice, round_):
    reference = detected(speaking_voice())
    case = by(0, reference).case
    moderator = factories.moderator()
    services.claim(case, actor=moderator)
    seen = services.seen_now()

    def act(number: int):
        if number:
            return by(number, reference)
        mine = Case.objects.get(pk=case.pk)
        return services.decide(mine, choice=choice, section="3", reason="So.", actor=moderator, seen=seen)

    decided, *made = at_once(alone(act), threads=5)
    assert not [one for one in made if isinstance(one, Exception)], made
    case.refresh_from_db()
    if isinstance(decided, Exception):  # a report came first: the page was stale, and nothing is decided
        assert isinstance(decided, refusals.CaseChanged), decided
        assert case.status == Case.Status.CLAIMED
        assert set(Report.objects.values_list("status", "case")) == {("received", case.pk)}
    else:
        assert case.status == Case.Status.DECIDED
        for one in Report.objects.select_related("case"):
            assert (one.status == "received") == (one.case.status != Case.Status.DECIDED), one
        waiting = Case.objects.waiting().filter(reports__status="received").distinct()
        assert waiting.count() >= 1  # those that came after wait for somebody
        assert case.reports.filter(status="received").count() == 0
    assert verify().intact


def test_a_report_and_its_confirmation_and_the_decision_at_once_leave_no_half():
    reference = detected(speaking_voice())
    made, moderator = by(0, reference), factories.moderator()
    services.claim(made.case, actor=moderator)

    def act(number: int):
        if number == 0:
            mine = Case.objects.get(pk=made.case_id)
            return services.decide(mine, choice="delete", section="3", reason="So.", actor=moderator)
        if number == 1:
            return services.confirm(Report.objects.get(pk=made.pk))
        return by(number, reference, "user" if number == 2 else "voice")

    results = at_once(alone(act), threads=5)
    assert not [one for one in results if isinstance(one, Exception)], results
    made.refresh_from_db()
    assert (made.status, made.verified_at is not None) == ("acted", True)
    assert Report.objects.filter(status="received").count() == 3
    assert verify().intact
