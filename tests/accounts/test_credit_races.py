"""Many threads at one ledger. SQLite takes one writer at a time and would hide a race, so these run on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts import refusals, services
from accounts.models import CreditEntry
from tests.accounts.factories import make_user

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
THREADS = 8


@pytest.fixture(autouse=True)
def on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("set DATABASE_URL to a PostgreSQL database")


def at_once(act: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """Run `act(0)`, `act(1)`, ... at the same moment; give back each result or exception."""
    gate = Barrier(threads)

    def run(number: int) -> Any:
        try:
            gate.wait()
            return act(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def test_eight_debits_at_once_never_spend_more_than_there_is(settings):
    settings.FREE_ALLOWANCE = 100
    anna = make_user()
    results = at_once(lambda number: services.debit(anna, 30, reference=f"speech:{number}"))
    assert sum(isinstance(result, CreditEntry) for result in results) == 3
    assert sum(isinstance(result, refusals.CreditsTooLow) for result in results) == THREADS - 3
    assert services.balance(anna) == 10


def test_eight_refunds_of_one_debit_give_back_once(settings):
    settings.FREE_ALLOWANCE = 100
    anna = make_user()
    services.debit(anna, 60, reference="speech:1")
    results = at_once(lambda number: services.refund(anna, reference="speech:1"))
    assert {result.pk for result in results} == {anna.credit_entries.get(kind="refund").pk}
    assert services.balance(anna) == 100


def test_eight_debits_of_one_reference_take_once(settings):
    settings.FREE_ALLOWANCE = 1000
    anna = make_user()
    results = at_once(lambda number: services.debit(anna, 10, reference="speech:1"))
    assert sum(isinstance(result, CreditEntry) for result in results) == 1
    assert sum(isinstance(result, services.AlreadySpent) for result in results) == THREADS - 1
    assert services.balance(anna) == 990


def test_a_new_month_seen_by_eight_requests_brings_one_allowance(settings):
    settings.FREE_ALLOWANCE = 0
    anna = make_user()
    settings.FREE_ALLOWANCE = 100
    assert at_once(lambda number: services.balance(anna)) == [100] * THREADS
