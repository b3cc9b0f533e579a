from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import refusals, services
from accounts.models import CreditEntry, LedgerIsAppendOnly, Status
from tests.accounts.factories import make_user
from velluto.transitions import move

pytestmark = pytest.mark.django_db
FREE = 1000


@pytest.fixture(autouse=True)
def free_allowance(settings):
    settings.FREE_ALLOWANCE = FREE


def test_a_new_account_starts_with_the_free_allowance():
    assert services.balance(make_user()) == FREE


def test_the_allowance_of_a_month_is_booked_once_and_the_next_month_brings_another():
    anna = make_user()
    this_month = anna.created_at
    next_month = datetime(this_month.year + 1, 1, 1, tzinfo=UTC)
    for _ in range(3):
        assert services.balance(anna, now=this_month) == FREE
    assert services.balance(anna, now=next_month) == 2 * FREE
    assert services.balance(anna, now=next_month) == 2 * FREE


def test_without_a_free_allowance_nothing_is_booked(settings):
    settings.FREE_ALLOWANCE = 0
    assert services.balance(make_user()) == 0


def test_a_debit_takes_its_characters_and_a_refund_gives_them_back_once():
    anna = make_user()
    services.debit(anna, 400, reference="speech:1")
    assert services.balance(anna) == FREE - 400
    first = services.refund(anna, reference="speech:1")
    second = services.refund(anna, reference="speech:1")
    assert first == second
    assert services.balance(anna) == FREE


def test_a_debit_beyond_the_balance_is_refused_and_books_nothing():
    anna = make_user()
    with pytest.raises(refusals.CreditsTooLow) as refused:
        services.debit(anna, FREE + 1, reference="speech:1")
    assert refused.value.code == "credits_too_low"
    assert refused.value.status == 402
    assert not anna.credit_entries.filter(kind=CreditEntry.Kind.DEBIT).exists()


def test_one_reference_is_debited_once_even_after_its_refund():
    anna = make_user()
    services.debit(anna, 10, reference="speech:1")
    with pytest.raises(services.AlreadySpent):
        services.debit(anna, 10, reference="speech:1")
    services.refund(anna, reference="speech:1")
    with pytest.raises(services.AlreadySpent):
        services.debit(anna, 10, reference="speech:1")


@pytest.mark.parametrize("characters", [0, -5])
def test_a_debit_of_nothing_or_less_is_a_mistake_of_the_caller(characters):
    with pytest.raises(ValueError, match="at least one"):
        services.debit(make_user(), characters, reference="speech:1")


def test_nothing_is_refunded_that_was_never_spent_nor_what_somebody_else_spent():
    anna, bruno = make_user(), make_user()
    services.debit(anna, 10, reference="speech:1")
    with pytest.raises(services.NothingToRefund):
        services.refund(bruno, reference="speech:1")
    with pytest.raises(services.NothingToRefund):
        services.refund(anna, reference="speech:2")


def test_a_suspended_account_spends_nothing():
    anna = make_user()
    move(anna, Status.SUSPENDED, actor=None, reason="for the test")
    with pytest.raises(refusals.AccountSuspended):
        services.debit(anna, 1, reference="speech:1")


def test_a_grant_adds_credits_once_and_keeps_who_and_why():
    anna, staff = make_user(), make_user(staff=True)
    for _ in range(2):
        services.grant(anna, 500, kind="purchase", reference="invoice:7", actor=staff, reason="Paid by invoice 7")
    entry = anna.credit_entries.get(kind="purchase")
    assert (entry.characters, entry.actor, entry.reason) == (500, staff, "Paid by invoice 7")
    assert services.balance(anna) == FREE + 500


@pytest.mark.parametrize(("kind", "characters"), [("debit", 5), ("refund", 5), ("purchase", 0), ("purchase", -5)])
def test_a_grant_is_an_allowance_or_a_purchase_and_more_than_nothing(kind, characters):
    with pytest.raises(services.NotAGrant):
        services.grant(make_user(), characters, kind=kind, reference="x", actor=make_user(staff=True), reason="")


def test_the_ledger_is_written_once_and_never_changed():
    anna = make_user()
    entry = anna.credit_entries.get()
    entry.characters = 10**6
    for attempt in (
        entry.save,
        entry.delete,
        lambda: CreditEntry.objects.update(characters=1),
        lambda: CreditEntry.objects.all().delete(),
        lambda: CreditEntry.objects.bulk_update([entry], ["characters"]),
    ):
        with pytest.raises(LedgerIsAppendOnly):
            attempt()
    assert services.balance(anna) == FREE


@pytest.mark.parametrize(
    ("kind", "characters"), [("debit", 5), ("debit", 0), ("refund", -5), ("purchase", -1), ("gift", 5)]
)
def test_the_database_refuses_an_entry_with_the_wrong_sign_or_an_unknown_kind(kind, characters):
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditEntry.objects.create(user=make_user(), kind=kind, characters=characters, reference="x")


def test_the_page_lists_each_entry_and_nobody_elses():
    anna, bruno = make_user(), make_user()
    services.debit(anna, 123, reference="speech:1")
    services.debit(bruno, 77, reference="speech:2")
    client = Client()
    client.force_login(anna)
    page = client.get("/account/credits/").content.decode()
    assert "877" in page
    assert "−123" in page
    assert "−77" not in page


def test_the_page_of_credits_needs_somebody_signed_in():
    assert Client().get("/account/credits/").headers["Location"].startswith("/account/login/")
