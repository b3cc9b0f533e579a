from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import User
from tests.accounts.factories import PASSWORD, make_user
from velluto.audit.models import AuditEvent
from velluto.transitions import move

pytestmark = pytest.mark.django_db


def eighteen_years_before(today: date) -> date:
    return date(today.year - 18, today.month, min(today.day, 28))


def form(**changes: object) -> dict[str, object]:
    return {
        "full_name": "Anna Rossi",
        "email": "Anna@Example.org",
        "born_on": "1990-04-02",
        "password1": PASSWORD,
        **changes,
    }


def link_in_the_mail() -> str:
    found = re.search(r"https?://[^/]+(/account/\S+)", mail.outbox[-1].body)
    assert found
    return found.group(1)


def test_signing_up_confirming_the_address_and_being_in():
    client = Client()
    assert client.post("/account/signup/", form()).headers["Location"] == "/account/confirm-email/"
    anna = User.objects.get()
    assert (anna.email, anna.full_name) == ("anna@example.org", "Anna Rossi")
    assert "_auth_user_id" not in client.session
    assert mail.outbox[0].to == ["anna@example.org"]

    link = link_in_the_mail()
    assert not EmailAddress.objects.get(user=anna).verified
    assert client.get(link).status_code == 200
    assert not EmailAddress.objects.get(user=anna).verified, "opening the link alone must confirm nothing"
    client.post(link)
    assert EmailAddress.objects.get(user=anna).verified
    assert client.session["_auth_user_id"] == str(anna.pk)


def test_nobody_signs_in_before_the_address_is_confirmed():
    Client().post("/account/signup/", form())
    client = Client()
    answer = client.post("/account/login/", {"login": "anna@example.org", "password": PASSWORD})
    assert answer.headers["Location"] == "/account/confirm-email/"
    assert "_auth_user_id" not in client.session


def test_signing_up_brings_the_free_allowance_and_an_audit_row(settings):
    settings.FREE_ALLOWANCE = 777
    Client().post("/account/signup/", form())
    anna = User.objects.get()
    assert services.balance(anna) == 777
    row = AuditEvent.objects.get(event="account.opened")
    assert (row.subject_id, row.actor) == (str(anna.pk), f"account:{anna.pk}")


def test_who_turned_eighteen_today_may_sign_up_and_the_date_is_not_kept():
    born_on = eighteen_years_before(timezone.localdate())
    Client().post("/account/signup/", form(born_on=born_on.isoformat()))
    anna = User.objects.get()
    assert anna.adult_confirmed_at is not None
    assert "born_on" not in {field.name for field in User._meta.get_fields()}
    assert born_on.isoformat() not in str([list(User.objects.values()), list(AuditEvent.objects.values())])


def test_who_turns_eighteen_tomorrow_is_refused_and_nothing_is_written():
    born_on = eighteen_years_before(timezone.localdate()) + timedelta(days=1)
    if born_on.day == 29 and born_on.month == 2:
        born_on += timedelta(days=1)
    answer = Client().post("/account/signup/", form(born_on=born_on.isoformat()))
    assert answer.context["form"].errors.as_data()["born_on"][0].code == "age_below_18"
    assert "Velluto is for people of 18 years or over." in answer.content.decode()
    assert not User.objects.exists()
    assert not mail.outbox


def test_an_address_that_has_an_account_is_not_given_away():
    make_user("anna@example.org")
    answer = Client().post("/account/signup/", form())
    assert answer.headers["Location"] == "/account/confirm-email/"
    assert User.objects.count() == 1
    assert "already has one" in mail.outbox[-1].body


@pytest.mark.parametrize("password", ["short", "password123", "1234567890123", "annarossi1"])
def test_weak_passwords_are_refused(password):
    answer = Client().post("/account/signup/", form(password1=password))
    assert answer.context["form"].errors["password1"]
    assert not User.objects.exists()


def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail():
    anna = make_user("anna@example.org")
    client = Client()
    client.post("/account/password/reset/", {"email": "anna@example.org"})
    page = client.get(link_in_the_mail(), follow=True)
    address = page.redirect_chain[-1][0]
    client.post(address, {"password1": "another velvet night", "password2": "another velvet night"})
    anna.refresh_from_db()
    assert anna.check_password("another velvet night")


def test_asking_for_a_new_password_tells_nobody_whether_there_is_an_account():
    make_user("anna@example.org")
    known = Client().post("/account/password/reset/", {"email": "anna@example.org"}, follow=True)
    unknown = Client().post("/account/password/reset/", {"email": "nobody@example.org"}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain
    assert known.content == unknown.content


def test_guessing_a_password_is_slowed_down():
    make_user("anna@example.org")
    codes = []
    for _ in range(6):
        answer = Client().post("/account/login/", {"login": "anna@example.org", "password": "not it at all"})
        codes.append(answer.context["form"].errors.as_data()["__all__"][0].code)
    assert "too_many_login_attempts" in codes


def test_a_terminated_account_is_signed_out_at_once_and_a_suspended_one_may_still_read():
    anna = make_user()
    client = Client()
    client.force_login(anna)
    move(anna, "suspended", actor=None, reason="for the test")
    assert client.get("/account/").status_code == 200
    move(anna, "terminated", actor=None, reason="for the test")
    assert client.get("/account/").status_code == 302


def test_a_name_is_corrected_and_the_audit_keeps_that_but_not_the_name():
    anna = make_user(full_name="Anna Rosi")
    client = Client()
    client.force_login(anna)
    client.post("/account/", {"full_name": "Anna Rossi", "display_name": "Anna"})
    anna.refresh_from_db()
    assert (anna.full_name, anna.get_short_name()) == ("Anna Rossi", "Anna")
    row = AuditEvent.objects.get(event="account.name_corrected")
    assert row.data == {"fields": ["full_name", "display_name"]}
