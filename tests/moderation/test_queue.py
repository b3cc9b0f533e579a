"""The order of the queue, and who holds what."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.models import User
from moderation import registry, services
from moderation.models import Case, Decision
from tests import factories
from tests.accounts.factories import make_user

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
NOW = timezone.now()
KIND = "tests.person"


@pytest.fixture(autouse=True)
def a_question_about_people(monkeypatch: pytest.MonkeyPatch) -> None:
    fine = registry.Choice("fine", "Fine", "Nothing happens.", ("4",), lambda case, decision: None)
    question = registry.Question(KIND, "A person", "", lambda case: {}, (fine,), "consent/mail/decided.txt")
    monkeypatch.setitem(registry._questions, KIND, question)


def open_case(subject: User | None = None, *, due_in: float = 24.0, **fields: int) -> Case:
    """Open a case about somebody's account; nothing of it is ever decided here."""
    person = subject or make_user()
    return services.open_case(
        kind=KIND, subject=person, title="A case", about=person, due_at=NOW + timedelta(hours=due_in), **fields
    )


def claim_next(actor: User, at: datetime = NOW) -> Case:
    return services.claim_next(actor=actor, at=at)


def test_the_next_case_is_the_most_pressing_by_deadline_then_severity_then_credibility():
    routine = open_case(due_in=5)
    late = open_case(due_in=9, severity=3)
    doubtful = open_case(due_in=5, severity=2, credibility=20)
    likely = open_case(due_in=5, severity=2, credibility=90)
    actor = factories.moderator()
    assert [claim_next(actor) for _ in range(4)] == [likely, doubtful, routine, late]
    with pytest.raises(services.NothingWaits):
        claim_next(actor)


def test_a_claim_is_renewed_while_somebody_works_and_lapses_after_ten_minutes():
    case, alice, bob = open_case(), factories.moderator(), factories.moderator()
    services.claim(case, actor=alice, at=NOW)
    services.keep(case, actor=alice, at=NOW + timedelta(minutes=9))
    with pytest.raises(services.NothingWaits):
        claim_next(bob, NOW + timedelta(minutes=18))
    assert claim_next(bob, NOW + timedelta(minutes=20)) == case
    with pytest.raises(services.CaseNotClaimed):
        services.keep(case, actor=alice)


def test_who_the_case_is_about_and_who_is_barred_from_it_never_get_it():
    alice, bob, carol = (factories.moderator() for _ in range(3))
    case = open_case(alice)
    case.barred.add(bob)
    for actor, refusal in ((alice, services.CaseAboutYou), (bob, services.CaseBarred)):
        with pytest.raises(services.NothingWaits):
            claim_next(actor)
        with pytest.raises(refusal):
            services.claim(case, actor=actor)
    services.claim(case, actor=carol)
    for other in (alice, bob, make_user(), carol):
        with pytest.raises(services.HandOverRefused):
            services.hand_over(case, to=other, actor=carol, reason="I must go.")
    dave = factories.moderator()
    services.hand_over(case, to=dave, actor=carol, reason="I must go.")
    case.refresh_from_db()
    assert case.claimed_by == dave
    with pytest.raises(services.CaseNotClaimed):
        services.release(case, actor=carol)


def test_asked_again_a_case_stays_one_and_becomes_more_pressing():
    person = make_user()
    case = open_case(person, due_in=20, credibility=30)
    same = open_case(person, due_in=2, severity=3, credibility=80)
    assert same == case and Case.objects.count() == 1
    assert (same.due_at, same.severity, same.credibility) == (NOW + timedelta(hours=2), 3, 80)
    calmer = open_case(person, due_in=50)
    assert (calmer.due_at, calmer.severity) == (same.due_at, 3)


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time: no race to see")
def test_ten_moderators_at_once_never_share_a_case_and_decide_each_once():
    moderators = [factories.moderator() for _ in range(10)]
    for _ in range(200):
        open_case()
    start, taken, wrong = Barrier(10), [], []

    def work(actor: User) -> None:
        try:
            start.wait()
            while True:
                case = services.claim_next(actor=actor)
                taken.append(case.pk)
                services.decide(case, choice="fine", section="4", reason="x", actor=actor)
        except services.NothingWaits:
            pass
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=(actor,)) for actor in moderators]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not wrong
    assert len(taken) == len(set(taken)) == 200
    assert Decision.objects.count() == 200
