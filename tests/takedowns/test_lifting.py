"""A senior moderator lifts what stands against an account, from its page; what was grave, with a second one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import sanctions, services
from accounts.models import Sanction, Status, Strike, User
from moderation import services as moderation
from moderation.models import Case, Decision, StatementOfReasons
from takedowns.lifting import refusals
from takedowns.lifting import services as lifting
from takedowns.lifting.policies import BY_TWO, UNSEEN, manner_of
from tests import factories
from tests.accounts.factories import make_user
from tests.moderation.desk import post, signed_in
from tests.takedowns import requests
from velluto import jobs
from velluto.audit.models import AuditEvent

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
WHY = {"section": "9", "reason": "The voice was his own, after all."}


@pytest.fixture(autouse=True)
def without_second_factor(settings) -> None:
    settings.ADMIN_REQUIRES_MFA = False


@pytest.fixture
def anna(db) -> User:
    return make_user("anna@example.org")


@pytest.fixture
def senior(db) -> User:
    return factories.moderator(role="senior moderator")


def imposed(account: User, kind: str) -> Sanction | Strike:
    given = {"section": "9", "reason": "It broke the rules.", "actor": make_user(staff=True)}
    if kind == "strike":
        return sanctions.strike(account, **given)
    if kind in ("hold", "police", "notice"):
        return sanctions.note(account, kind=kind, **given)
    act = {"suspension": sanctions.suspend, "termination": sanctions.terminate, "forfeiture": sanctions.forfeit}[kind]
    return act(account, **given, **({"lasts": timedelta(days=30)} if kind == "suspension" else {}))


def lift_page(given: Sanction | Strike) -> str:
    return reverse("admin:accounts_user_lift", args=["strike" if isinstance(given, Strike) else "sanction", given.pk])


def account_page(client: Client, account: User) -> str:
    return client.get(reverse("admin:accounts_user_change", args=[account.pk])).content.decode()


def test_a_suspension_is_lifted_from_the_accounts_page_with_a_section_a_reason_and_a_letter(anna, senior):
    suspension = imposed(anna, "suspension")
    client = signed_in(senior)
    assert lift_page(suspension) in account_page(client, anna)
    assert client.post(lift_page(suspension), {**WHY, "reason": " "}).status_code == 422
    assert client.post(lift_page(suspension), {**WHY, "section": ""}).status_code == 422
    assert lifting.stands(suspension)
    client.post(lift_page(suspension), WHY)
    anna.refresh_from_db()
    assert anna.status == Status.ACTIVE and not lifting.stands(suspension)
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.section_id, decision.reason) == (senior, "9", WHY["reason"])
    jobs.drain()
    (letter,) = [letter for letter in mail.outbox if letter.to == [anna.email]]
    assert "lifted" in letter.subject and WHY["reason"] in letter.body and "Suspension of" in letter.body
    assert "lift it" not in account_page(client, anna) and "lifted on" in account_page(client, anna)
    answer = client.post(lift_page(suspension), WHY)
    assert answer.status_code == 409 and "does not stand any more" in answer.content.decode()


@pytest.mark.parametrize("kind", ["termination", "forfeiture", "police", "hold"])
def test_what_was_grave_stands_until_a_second_senior_agrees(anna, senior, kind: str):
    services.grant(anna, 500, kind="purchase", reference="order", actor=senior, reason="paid")
    given = imposed(anna, kind)
    answer = signed_in(senior).post(lift_page(given), WHY)
    case = Case.objects.about(given).get()
    assert answer["Location"] == reverse("admin:moderation_case_change", args=[case.pk])
    assert case.status == Case.Status.PROPOSED and lifting.stands(given)
    again = signed_in(senior).post(lift_page(given), WHY)
    assert again.status_code == 409 and "proposed to lift this already" in again.content.decode()
    post(signed_in(senior), case, "second", approve="")
    assert lifting.stands(given)
    second = factories.moderator(role="senior moderator")
    assert (
        WHY["reason"] in signed_in(second).get(reverse("admin:moderation_case_change", args=[case.pk])).content.decode()
    )
    post(signed_in(second), case, "second", approve="")
    assert not lifting.stands(given)
    row = AuditEvent.objects.get(event="moderation.case.decided", subject_id=str(case.pk))
    assert (row.actor, row.data["proposed_by"]) == (f"account:{second.pk}", str(senior.pk))
    told = StatementOfReasons.objects.filter(recipient=anna).exists()
    assert told is (kind in ("termination", "forfeiture"))
    assert manner_of(kind)[0] in (BY_TWO, UNSEEN)


def test_a_strike_and_a_public_notice_are_lifted_alone(anna, senior):
    for kind in ("strike", "notice"):
        given = imposed(anna, kind)
        signed_in(senior).post(lift_page(given), WHY)
        assert not lifting.stands(given), kind


def test_nobody_lifts_what_stands_against_himself_and_nobody_below_a_senior_lifts_anything(anna, senior):
    own = imposed(senior, "notice")
    with pytest.raises(moderation.CaseAboutYou):
        lifting.lift(own, actor=senior, **WHY)
    suspension = imposed(anna, "suspension")
    for role in ("triage", "moderator", "auditor", "legal", "custodian"):
        person = factories.moderator(role=role)
        assert signed_in(person).post(lift_page(suspension), WHY).status_code == 403
        with pytest.raises(refusals.LiftRefused):
            lifting.lift(suspension, actor=person, **WHY)
    assert lifting.stands(suspension)
    page = account_page(signed_in(factories.moderator()), anna)
    assert "It broke the rules." in page and "lift it" not in page


def test_a_declined_lifting_can_be_left_as_it_is_or_proposed_anew(anna, senior):
    given, second = imposed(anna, "hold"), factories.moderator(role="senior moderator")
    lifting.lift(given, actor=senior, **WHY)
    case = Case.objects.about(given).get()
    moderation.decline(case, actor=second, reason="The court has not answered.")
    lifting.lift(given, actor=senior, **WHY)
    assert Case.objects.get(pk=case.pk).status == Case.Status.PROPOSED and Case.objects.about(given).count() == 1
    moderation.decline(Case.objects.get(pk=case.pk), actor=second, reason="Still not.")
    assert moderation.claim_next(actor=second) == case
    case.refresh_from_db()
    moderation.decide(case, choice="keep", section="9", reason="The court said no.", actor=second)
    assert lifting.stands(given) and not StatementOfReasons.objects.exists()


def test_a_suspension_that_ended_by_itself_meanwhile_is_not_lifted(anna, senior):
    suspension = imposed(anna, "suspension")
    assert isinstance(suspension, Sanction) and suspension.ends_at
    later = suspension.ends_at + timedelta(seconds=1)
    with pytest.raises(refusals.NothingToLift):
        lifting.lift(suspension, actor=senior, at=later, **WHY)
    assert sanctions.expire(at=later) == 1
    anna.refresh_from_db()
    assert anna.status == Status.ACTIVE and timezone.now() < later


def test_a_hold_that_an_authority_waits_for_is_not_lifted_and_the_person_learns_of_none(anna, senior):
    request = requests.received(anna)
    assert request.hold is not None and request.hold.secret
    assert sanctions.open_hold(anna) is None
    with pytest.raises(refusals.HeldForAnAuthority):
        lifting.lift(request.hold, **WHY, actor=senior)
    assert Sanction.objects.standing(at=timezone.now()).filter(pk=request.hold_id).exists()
