"""The list of cases: its order, its filters, its numbers, and that its length costs nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from moderation import registry, services
from moderation.admin import care, numbers
from moderation.models import Case, SavedView
from moderation.policies import break_is_due
from tests import factories
from tests.moderation import desk
from tests.moderation.desk import QUEUE, ago, open_case, signed_in

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture(autouse=True)
def a_question_about_people(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    settings.ADMIN_REQUIRES_MFA = False
    monkeypatch.setitem(registry._questions, desk.KIND, desk.question())


@pytest.fixture
def client(db) -> Client:
    return signed_in(factories.moderator("moderator@example.org"))


def listed(client: Client, query: str = "") -> list[Case]:
    return list(client.get(f"{QUEUE}?{query}").context["cl"].result_list)


def test_the_list_is_in_the_order_of_urgency_and_no_address_changes_that(client: Client):
    routine, late = open_case(due_in=5), open_case(due_in=9, severity=3)
    doubtful = open_case(due_in=5, severity=2, credibility=20)
    Case.objects.filter(pk__in=[routine.pk, doubtful.pk]).update(due_at=timezone.now() - timedelta(hours=3))
    assert listed(client) == listed(client, "o=1") == listed(client, "o=-3.2") == [doubtful, routine, late]
    page = client.get(QUEUE).content.decode()
    assert "overdue by 3 hours" in page and "A person" in page and "50 of 100" in page


def test_each_filter_lists_its_part(client: Client):
    mine, theirs, grave, old, decided = (open_case(title=str(n)) for n in range(5))
    me = User.objects.get(email="moderator@example.org")
    senior = factories.moderator(role="senior moderator")
    services.claim(mine, actor=me)
    for case, choice, section in ((grave, "gone", "9"), (decided, "fine", "4")):
        services.claim(case, actor=senior)
        services.decide(case, actor=senior, choice=choice, section=section, reason="So.")
    services.claim(theirs, actor=senior)
    Case.objects.filter(pk=old.pk).update(opened_at=ago(days=4), due_at=ago(hours=2), severity=3)
    for query, wanted in {
        "": {mine, theirs, grave, old},
        "state=mine": {mine},
        "state=second": {grave},
        "state=decided": {decided},
        "state=all": {mine, theirs, grave, old, decided},
        "age=3": {old},
        "due=over": {old},
        "due=day": {mine, theirs, grave},
        "severity=3": {old},
        f"kind={desk.KIND}&severity=1": {mine, theirs, grave},
        "kind=consent.voice": set(),
        "severity=x&age=x": {mine, theirs, grave, old},
    }.items():
        assert set(listed(client, query)) == wanted, query


def test_a_case_is_found_by_its_id_its_beginning_its_subject_and_the_account_whatever_its_state(client: Client):
    case, other = open_case(), open_case()
    services.withdraw_case(case, actor=None, reason="gone")
    about = case.about
    assert about
    for term in (str(case.pk), str(case.pk)[:8], case.subject_id, about.email.upper(), f" {case.pk} "):
        assert listed(client, f"q={term}") == [case], term
    for term in ("zz", "abc", "nobody@example.org", "' OR 1=1"):
        assert listed(client, f"q={term}") == [], term
    assert listed(client, "q=") == [other]


def test_next_case_claims_the_most_pressing_and_opens_it(client: Client):
    open_case(due_in=50)
    pressing = open_case(due_in=1)
    answer = client.post(f"{QUEUE}next/")
    assert str(pressing.pk) in answer["Location"]
    pressing.refresh_from_db()
    assert pressing.status == Case.Status.CLAIMED
    client.post(f"{QUEUE}next/")
    answer = client.post(f"{QUEUE}next/", follow=True)
    assert "No case waits for you." in answer.content.decode()
    assert client.get(f"{QUEUE}next/").status_code == 403


def test_a_view_is_kept_for_its_moderator_alone_and_holds_no_search(client: Client):
    client.post(f"{QUEUE}views/", {"name": "Pressing ones", "query": "severity=3&q=alice%40example.org&_x=1"})
    view = SavedView.objects.get()
    assert view.query == "severity=3"
    assert "Pressing ones" in client.get(QUEUE).content.decode()
    other = signed_in(factories.moderator())
    assert "Pressing ones" not in other.get(QUEUE).content.decode()
    assert other.post(f"{QUEUE}views/{view.pk}/forget/").status_code == 404
    client.post(f"{QUEUE}views/", {"name": "Pressing ones", "query": "severity=2"})
    assert SavedView.objects.get().query == "severity=2"
    client.post(f"{QUEUE}views/{view.pk}/forget/")
    assert not SavedView.objects.exists()


def test_the_numbers_at_the_top_lead_to_what_they_count(client: Client):
    for hours in (-5, 3, 50):
        open_case(due_in=hours)
    Case.objects.filter(due_at__lt=timezone.now()).update(opened_at=ago(days=9))
    (cells,) = [cells for label, cells in numbers.overview(timezone.now()) if label == "A person"]
    assert [cell.number for cell in cells] == [3, 1, 1, 1]
    for cell in cells:
        assert len(listed(client, cell.query.removeprefix("?"))) == cell.number


def test_nothing_counts_the_whole_table_and_more_cases_ask_no_more_queries(client: Client, monkeypatch):
    monkeypatch.setattr(numbers, "MOST", 3)
    monkeypatch.setattr(numbers, "MOST_LISTED", 5)
    open_case()
    listed(client)  # the first look begins a session
    with CaptureQueriesContext(connection) as few:
        listed(client)
    for _ in range(8):
        open_case()
    with CaptureQueriesContext(connection) as many:
        page = client.get(QUEUE)
    assert len(many) == len(few)
    counts = [query["sql"] for query in many if "COUNT(" in query["sql"] and '"moderation_case"' in query["sql"]]
    assert counts and all("LIMIT" in sql for sql in counts)
    assert "More than 5 cases" in page.content.decode() and "over 3" in page.content.decode()


def test_a_break_is_due_after_so_many_cases_or_hours_and_a_quarter_of_an_hour_is_one(settings):
    limits = {"after_cases": 3, "after_hours": 2.0}
    assert not break_is_due(2, timedelta(minutes=119), **limits)
    assert break_is_due(3, timedelta(), **limits) and break_is_due(0, timedelta(hours=2), **limits)
    assert not break_is_due(99, timedelta(hours=99), after_cases=0, after_hours=0)
    settings.BREAK_AFTER_CASES, settings.BREAK_AFTER_HOURS = 0, 2.0
    session: dict[str, object] = {}
    now = timezone.now()
    for minutes in range(0, 121, 10):
        care.note(session, now + timedelta(minutes=minutes))
    spell = care.break_due(session, now + timedelta(hours=2))
    assert spell and spell.since == now
    later = now + timedelta(hours=2, minutes=15)
    care.note(session, later)
    assert care.break_due(session, later) is None


@pytest.mark.skipif(connection.vendor == "postgresql", reason="there it would measure")
def test_the_bench_of_the_queue_measures_on_no_other_database_than_postgresql():
    with pytest.raises(CommandError, match="PostgreSQL"):
        call_command("bench", "queue", "--json")
    assert not Case.objects.exists()
