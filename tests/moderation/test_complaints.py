"""What people complain of in other moderation tools, one test for each: here it cannot happen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Status, User
from moderation import registry, services
from moderation.models import Appeal, Case, Decision, Report
from moderation.services import appeals, redress
from synthesis.models import Output
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.moderation import desk
from tests.moderation.desk import QUEUE, open_case, page_of, post, signed_in
from tests.moderation.reported import decide, detected, report, speaking_voice
from velluto import jobs
from velluto.audit.models import AuditEvent

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
FINE = {"choice": "fine", "section": "4", "reason": "It is as it should be."}
GONE = {"choice": "gone", "section": "9", "reason": "It is somebody else."}


@pytest.fixture(autouse=True)
def a_question_about_people(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    settings.ADMIN_REQUIRES_MFA = False
    monkeypatch.setitem(registry._questions, desk.KIND, desk.question())


@pytest.fixture
def alice(db) -> User:
    return factories.moderator(role="senior moderator")


@pytest.fixture
def bob(db) -> User:
    return factories.moderator(role="senior moderator")


def letters(to: str) -> list[str]:
    jobs.drain()
    return [letter.subject for letter in mail.outbox if letter.to == [to]]


def test_the_second_approver_is_not_logged(alice: User, bob: User):
    """Both names stand in the decision, in the audit, and on the page; the database takes no one person for two."""
    case = open_case()
    services.claim(case, actor=alice)
    services.decide(case, actor=alice, **GONE)
    services.approve(case, actor=bob, reason="I heard it too.")
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.second, decision.second_reason) == (alice, bob, "I heard it too.")
    assert decision.second_at is not None
    row = AuditEvent.objects.get(event="moderation.case.decided")
    assert (row.actor, row.data["proposed_by"]) == (f"account:{bob.pk}", str(alice.pk))
    page = signed_in(make_user(superuser=True)).get(page_of(case)).content.decode()
    assert f"Proposed by <strong>{alice.get_short_name()}" in page
    assert f"Approved by <strong>{bob.get_short_name()}" in page
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(second=alice)


def test_a_claim_goes_stale_and_the_case_is_stuck_or_decided_twice(alice: User, bob: User):
    """A claim lapses by itself, the next one gets the case, and whoever held it before decides nothing any more."""
    case, now = open_case(due_in=-5), timezone.now()
    services.claim(case, actor=alice, at=now - timedelta(minutes=11))
    assert services.claim_next(actor=bob, at=now) == case
    answer = post(signed_in(alice), case, "decide", **FINE)
    assert answer.status_code == 409 and FINE["reason"] in answer.content.decode()
    services.decide(Case.objects.get(pk=case.pk), actor=bob, **FINE)
    assert Decision.objects.get().decided_by == bob


def test_one_action_closes_everything_that_is_open_about_somebody(alice: User):
    """A decision closes the one case it is about: not those of another thing, and no report that came unseen."""
    voice = speaking_voice()
    reference, other = detected(voice), detected(voice)
    one, two = report(reference), report(other, email="bob@example.org")
    of_voice, of_account = (
        report(reference, "voice", email="c@example.org"),
        report(reference, "user", email="d@example.org"),
    )
    assert len({made.case_id for made in (one, two, of_voice, of_account)}) == 4
    services.claim(one.case, actor=alice)
    seen = services.seen_now()
    late = report(reference, email="late@example.org", category="intimate", words="It is about me.")
    assert late.case == one.case
    answer = post(signed_in(alice), one.case, "decide", seen=seen, choice="dismiss", section="3", reason="So.")
    assert answer.status_code == 409 and "It is about me." in answer.content.decode()
    assert set(Report.objects.values_list("status", flat=True)) == {Report.Status.RECEIVED}
    services.decide(one.case, choice="delete", section="3", reason="So.", actor=alice, seen=services.seen_now())
    for made in (two, of_voice, of_account):
        made.refresh_from_db()
        assert made.status == Report.Status.RECEIVED and made.case.status != Case.Status.DECIDED
    assert Output.objects.filter(deleted_at=None).count() == 1


def test_the_harshest_action_too_leaves_what_others_reported_open(alice: User, bob: User):
    voice = speaking_voice()
    made = report(detected(voice))
    about_account = report(detected(voice), "user", email="bob@example.org")
    decide(about_account.case, "review")
    case = Case.objects.get(kind="accounts.conduct")
    services.claim(case, actor=alice)
    services.decide(case, choice="terminate", section="9", reason="So.", actor=alice)
    services.approve(case, actor=bob)
    standins.drain()
    made.refresh_from_db()
    assert User.objects.get(pk=voice.account_id).status == Status.TERMINATED
    assert (made.status, made.case.status) == (Report.Status.RECEIVED, Case.Status.OPEN)


def test_reasons_are_optional(alice: User, bob: User):
    """Nothing is decided, declined, handed over, lifted or overturned without one; the database takes none without."""
    case = open_case()
    services.claim(case, actor=alice)
    for reason in ("", "  ", "\n\t"):
        assert post(signed_in(alice), case, "decide", **{**FINE, "reason": reason}).status_code == 422
        with pytest.raises(services.ChoiceRefused):
            services.decide(case, actor=alice, **{**FINE, "reason": reason})
        assert post(signed_in(alice), case, "hand_over", to=bob.pk, reason=reason).status_code == 422
    services.decide(case, actor=alice, **GONE)
    with pytest.raises(services.ChoiceRefused):
        services.decline(case, actor=bob, reason=" ")
    services.approve(case, actor=bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.update(reason="")
    for question in registry.questions():
        for choice in question.choices:
            assert choice.sections, f"{question.kind} {choice.code} rests on nothing"


def test_the_decider_judges_the_appeal_against_himself(alice: User, bob: User):
    """Neither who decided nor who approved claims, is handed, or decides the appeal, superusers included."""
    boss = make_user(superuser=True)
    case = Case.objects.about(factories.voice_at("review")).get()
    services.claim(case, actor=boss)
    services.decide(case, choice="refuse_and_destroy", section="3", reason="Under 18.", actor=boss)
    services.approve(case, actor=alice)
    appeals.file(redress.link(case, Appeal.Side.AFFECTED).split("/")[-2], words="I am 30.")
    appeal = Case.objects.get(kind="moderation.appeal")
    for barred in (boss, alice):
        with pytest.raises(services.CaseBarred):
            services.claim(appeal, actor=barred)
        post(signed_in(barred), appeal, "claim")
        post(signed_in(barred), appeal, "decide", choice="uphold", section="3", reason="I was right.")
    services.claim(appeal, actor=bob)
    for barred in (boss, alice):
        with pytest.raises(services.HandOverRefused):
            services.hand_over(appeal, to=barred, actor=bob, reason="You know it.")
        assert barred.email not in signed_in(bob).get(page_of(appeal)).content.decode().split("Hand it over")[1]
    Case.objects.filter(pk=appeal.pk).update(claimed_by=alice)
    with pytest.raises(services.CaseBarred):
        services.decide(Case.objects.get(pk=appeal.pk), choice="uphold", section="3", reason="So.", actor=alice)
    assert not appeal.decisions.exists()


def test_every_report_of_one_thing_is_a_case_of_its_own():
    """By whatever way it is named: one case, more pressing with each report, decided once, and all are told."""
    voice = speaking_voice()
    speech = standins.spoken(voice, "Something else.")
    owner = voice.account
    first = report(str(speech.pk), "voice", account=owner, category="no_consent")
    found = detected(voice)
    others = [report(found, "voice", email=f"{n}@example.org", address=f"192.0.2.{n}") for n in range(3)]
    again = report(detected(voice), "voice", email="last@example.org", category="intimate")
    assert {made.case_id for made in (*others, again)} == {first.case_id}
    case = Case.objects.get(pk=first.case_id)
    assert case.severity == Case.Severity.GRAVE
    decide(case, "suspend")
    assert Decision.objects.filter(case=case).count() == 1
    for address in (*(f"{n}@example.org" for n in range(3)), "last@example.org", owner.email):
        assert any("something was done" in subject for subject in letters(address)), address


@pytest.mark.parametrize("ending", ["dismiss", "delete", "gone", "reversed"])
def test_whoever_reported_something_never_hears_of_it_again(ending: str):
    voice = speaking_voice()
    reference = detected(voice)
    made = report(reference, "voice" if ending in ("gone", "reversed") else "output")
    assert "arrived" in letters("ann@example.org")[-1]
    if ending == "gone":
        from consent import services as consent

        consent.withdraw(voice, actor=voice.account, reason="changed my mind")
    elif ending == "reversed":
        decide(made.case, "suspend")
        appeals.file(redress.link(made.case, Appeal.Side.AFFECTED).split("/")[-2], words="It is mine.")
        decide(Case.objects.get(kind="moderation.appeal"), "overturn")
    else:
        decide(made.case, ending)
    made.refresh_from_db()
    assert made.status != Report.Status.RECEIVED
    said = {
        "dismiss": "nothing was done",
        "delete": "something was done",
        "gone": "is gone",
        "reversed": "was reversed",
    }
    assert said[ending] in letters("ann@example.org")[-1]


def test_cases_are_decided_in_bulk_or_by_a_request_that_no_page_makes(alice: User):
    """Whatever is posted where, by whomever: a case is decided alone, by who holds it, through its own form."""
    cases = [open_case() for _ in range(3)]
    held, ids = cases[0], [str(case.pk) for case in cases]
    services.claim(held, actor=alice)
    for person in (alice, make_user(superuser=True), factories.moderator(), factories.moderator(role="triage")):
        client = signed_in(person)
        for action in ("decide", "delete_selected", "approve", "mark_decided"):
            client.post(QUEUE, {"action": action, "_selected_action": ids, **FINE, "index": "0"})
        client.post(QUEUE, {"form-TOTAL_FORMS": "3", "form-0-id": ids[0], "form-0-status": "decided", "_save": "Save"})
        client.post(page_of(held), {"status": "decided", "decided_at_0": "2026-01-01", "_save": "Save"})
        client.post(reverse("admin:moderation_case_delete", args=[held.pk]), {"post": "yes"})
        client.get(reverse("admin:moderation_case_decide", args=[held.pk]), {**FINE, "seen": services.seen_now()})
        client.post(reverse("admin:moderation_decision_add"), {"case": ids[0], **FINE})
        for case in cases[1:]:
            post(client, case, "decide", **FINE)  # nobody holds it
        if person != alice:
            post(client, held, "decide", **FINE)
    post(signed_in(alice), held, "decide", **{**FINE, "choice": "shred"})
    post(signed_in(alice), held, "decide", **{**FINE, "section": "9"})
    post(signed_in(alice), held, "decide", choice="overturn", section="4", reason="So.")
    without_token = Client(enforce_csrf_checks=True)
    without_token.force_login(alice)
    assert post(without_token, held, "decide", **FINE).status_code == 403
    assert not Decision.objects.exists()
    assert set(Case.objects.values_list("status", flat=True)) == {Case.Status.OPEN, Case.Status.CLAIMED}


def test_the_page_of_conduct_makes_a_moderator_look_for_the_reports_elsewhere(alice: User):
    made = report(detected(speaking_voice()), "output", words="He called my bank.")
    decide(made.case, "review")
    case = Case.objects.get(kind="accounts.conduct")
    page = signed_in(alice).get(page_of(case)).content.decode()
    assert "He called my bank." in page and "data-veil" in page
