from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts import policies, refusals
from accounts.models import Status


def test_on_the_eighteenth_birthday_one_is_an_adult():
    policies.require_adult(date(2008, 6, 15), today=date(2026, 6, 15))


def test_seventeen_years_and_364_days_are_refused():
    with pytest.raises(refusals.AgeBelow18) as refused:
        policies.require_adult(date(2008, 6, 15), today=date(2026, 6, 15) - timedelta(days=1))
    assert refused.value.code == "age_below_18"
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("today", "years"),
    [(date(2026, 2, 28), 17), (date(2026, 3, 1), 18), (date(2028, 2, 28), 19), (date(2028, 2, 29), 20)],
)
def test_who_is_born_on_29_february_has_a_birthday_on_1_march_in_common_years(today, years):
    assert policies.age(date(2008, 2, 29), today=today) == years


@pytest.mark.parametrize("born_on", [date(2026, 6, 16), date(1900, 1, 1)])
def test_dates_nobody_alive_was_born_on_are_a_mistake_and_no_refusal_of_age(born_on):
    with pytest.raises(refusals.BirthDateImplausible):
        policies.require_adult(born_on, today=date(2026, 6, 15))


def test_spending_all_that_is_left_is_allowed_and_one_more_is_not():
    policies.require_credits(100, available=100)
    with pytest.raises(refusals.CreditsTooLow, match=r"needs 101 credits and you have 100\."):
        policies.require_credits(101, available=100)


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.TERMINATED])
def test_only_an_active_account_may_act(status):
    policies.require_active(Status.ACTIVE)
    with pytest.raises(refusals.AccountSuspended):
        policies.require_active(status)
