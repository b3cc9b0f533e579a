"""Sanctions: imposed, standing to the second, lifted, expired; and who comes back is noticed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import policies, refusals, sanctions, services
from accounts.models import CreditEntry, FormerAddress, Sanction, Status, User
from tests.accounts.factories import PASSWORD, make_user
from velluto.audit.models import AuditEvent
from velluto.jobs import Job

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
WEEK = timedelta(days=7)


@pytest.fixture
def staff(db) -> User:
    return make_user(staff=True)


@pytest.fixture
def why(staff: User) -> dict[str, object]:
    return {"section": "9", "reason": "It broke the rules.", "actor": staff}


def status(user: User) -> str:
    return User.objects.get(pk=user.pk).status


def test_a_suspension_ends_by_itself_at_its_second_and_not_before(why):
    anna = make_user()
    sanction = sanctions.suspend(anna, lasts=WEEK, **why)
    assert status(anna) == Status.SUSPENDED
    assert sanctions.expire(at=sanction.ends_at - timedelta(seconds=1)) == 0
    assert status(anna) == Status.SUSPENDED
    assert sanctions.expire(at=sanction.ends_at) == 1
    assert status(anna) == Status.ACTIVE
    assert sanctions.expire(at=sanction.ends_at) == 0


def test_of_two_suspensions_the_longer_one_counts_and_lifting_one_leaves_the_other(why, staff):
    anna = make_user()
    short, long = sanctions.suspend(anna, lasts=WEEK, **why), sanctions.suspend(anna, lasts=4 * WEEK, **why)
    assert sanctions.expire(at=short.ends_at) == 0
    sanctions.lift(short, actor=staff, reason="it was wrong")
    assert status(anna) == Status.SUSPENDED
    sanctions.lift(long, actor=staff, reason="it was wrong, too")
    assert status(anna) == Status.ACTIVE
    events = AuditEvent.objects.filter(event="accounts.sanction.lifted").count()
    sanctions.lift(long, actor=staff, reason="again")
    assert AuditEvent.objects.filter(event="accounts.sanction.lifted").count() == events == 2


def test_a_suspension_without_an_end_waits_until_it_is_lifted(why, staff):
    anna = make_user()
    sanction = sanctions.suspend(anna, lasts=None, **why)
    assert sanctions.expire(at=timezone.now() + timedelta(days=4000)) == 0
    sanctions.lift(sanction, actor=staff, reason="it was wrong")
    assert status(anna) == Status.ACTIVE


def test_a_lifted_termination_leaves_the_suspension_that_still_stands(why, staff):
    anna = make_user()
    sanctions.suspend(anna, lasts=WEEK, **why)
    termination = sanctions.terminate(anna, **why)
    assert status(anna) == Status.TERMINATED
    assert sanctions.expire(at=timezone.now() + 2 * WEEK) == 0  # what is over opens no terminated account
    for act in (lambda: sanctions.suspend(anna, lasts=WEEK, **why), lambda: sanctions.terminate(anna, **why)):
        with pytest.raises(refusals.AccountTerminated):
            act()
    sanctions.lift(termination, actor=staff, reason="it was wrong")
    assert status(anna) == Status.SUSPENDED
    assert not FormerAddress.objects.exists()


def test_forfeited_credits_are_a_line_of_the_ledger_and_come_back_exactly_once(why, staff):
    anna = make_user()
    services.grant(anna, 1_000, kind="purchase", reference="order", actor=staff, reason="paid")
    before = services.balance(anna)
    sanction = sanctions.forfeit(anna, **why)
    assert services.balance(anna) == 0
    assert CreditEntry.objects.get(kind="forfeit").characters == -before
    for _ in range(2):
        sanctions.lift(sanction, actor=staff, reason="it was wrong")
    assert services.balance(anna) == before
    assert CreditEntry.objects.get(kind="restore").reference == sanction.reference


def test_nothing_to_forfeit_is_no_line_of_the_ledger(why, staff, settings):
    settings.FREE_ALLOWANCE = 0
    sanction = sanctions.forfeit(make_user(), **why)
    assert not CreditEntry.objects.filter(kind="forfeit").exists()
    sanctions.lift(sanction, actor=staff, reason="it was wrong")


def test_a_strike_counts_for_a_year_and_can_be_taken_back(why, staff):
    anna = make_user()
    given = sanctions.strike(anna, **why)
    year = given.given_at + timedelta(days=365)
    assert anna.strikes.in_force(at=year - timedelta(seconds=1)).count() == 1
    assert anna.strikes.in_force(at=year).count() == 0
    sanctions.take_back(given, actor=staff, reason="it was wrong")
    assert anna.strikes.in_force(at=timezone.now()).count() == 0


def test_a_sanction_without_its_audit_row_is_not_imposed(why, monkeypatch):
    anna = make_user()

    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("no row")

    monkeypatch.setattr(sanctions.audit, "record", broken)
    for act in (
        lambda: sanctions.suspend(anna, lasts=WEEK, **why),
        lambda: sanctions.terminate(anna, **why),
        lambda: sanctions.forfeit(anna, **why),
        lambda: sanctions.note(anna, kind="hold", **why),
        lambda: sanctions.strike(anna, **why),
    ):
        with pytest.raises(RuntimeError, match="no row"):
            act()
    assert status(anna) == Status.ACTIVE
    assert not Sanction.objects.exists() and not anna.strikes.exists() and not FormerAddress.objects.exists()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("anna@example.org", "Anna@Example.ORG", True),
        ("anna@example.org", "anna+voices@example.org", True),
        ("anna.berg@gmail.com", "annaberg+x@googlemail.com", True),
        ("anna.berg@example.org", "annaberg@example.org", False),
        ("anna@example.org", "anna@example.com", False),
        ("+x@example.org", "+y@example.org", False),
    ],
)
def test_addresses_of_one_mailbox_are_one(one: str, other: str, same: bool):
    assert (policies.normal_address(one) == policies.normal_address(other)) is same


def returns() -> int:
    return Job.objects.filter(name=sanctions.RETURNED).count()


def test_who_comes_back_with_the_address_of_a_terminated_account_is_noticed_and_nobody_else(why):
    sanctions.terminate(make_user("anna.berg@gmail.com"), **why)
    make_user("anna.bergmann@gmail.com")
    assert returns() == 0
    make_user("annaberg+again@googlemail.com")
    assert returns() == 1


def test_the_address_is_kept_as_a_keyed_digest_that_a_new_secret_key_does_not_forget(why, settings):
    sanctions.terminate(make_user("anna@example.org"), **why)
    kept = FormerAddress.objects.get()
    assert "anna" not in kept.digest and len(kept.digest) == 64
    settings.SECRET_KEY = "another " * 8
    assert sanctions.former_accounts(make_user("anna+new@example.org")).get() == kept.account
    settings.WATERMARK_KEY = bytes(32) if isinstance(settings.WATERMARK_KEY, bytes) else "A" * 43 + "="
    assert not sanctions.former_accounts(make_user("anna+newer@example.org")).exists()  # nobody without the key can ask


def test_a_suspended_person_who_signs_in_is_led_to_why_until_when_and_how_to_appeal(why):
    anna = make_user("anna@example.org")
    sanctions.suspend(anna, lasts=WEEK, **why)
    client = Client()
    answer = client.post("/account/login/", {"login": anna.email, "password": PASSWORD})
    assert answer["Location"] == "/account/standing/"
    page = client.get(answer["Location"]).content.decode()
    until = timezone.localtime(Sanction.objects.get().ends_at)
    assert f"suspended until {until:%-d %B %Y, %H:%M}" in page
    assert "It broke the rules." in page
    assert client.get("/speak/").status_code == 403
