"""An address that is missing in the table fails, and so does another answer than the table's."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.test import Client

from accounts.models import Status
from tests import factories
from tests.doors.house import ROLES, House, addresses, sign_in, staff
from tests.doors.table import DOORS, MEANS, METHODS
from velluto.transitions import move

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

# Django's own addresses without a name: what one object of a model was called before 1.9, and what is nowhere.
UNNAMED = {"admin:<path:object_id>/", "admin:(?P<url>.*)$"}
OF_MODELS = {  # test_permissions.py has these
    f"admin:{model._meta.label_lower.replace('.', '_')}_{page}"
    for model in admin.site._registry
    for page in ("changelist", "add", "change", "history", "delete")
}
LIBRARY = ("account_", "mfa_")
# The pages of allauth that whoever is not signed in needs; all others lead to the sign-in.
ENTRANCES = {
    "account_login",
    "account_signup",
    "account_inactive",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}


def library() -> list[str]:
    return [name for name in addresses() if name.startswith(LIBRARY)]


def test_every_address_is_in_the_table():
    there = {name for name in addresses() if not name.startswith(LIBRARY)} - UNNAMED - OF_MODELS
    assert there == set(DOORS)


def test_everybody_gets_in_where_the_table_says_and_nowhere_else(house: House):
    wrong = []
    for name, columns in DOORS.items():
        for method, expected in zip(METHODS, columns, strict=False):
            for role, sign in zip(ROLES, expected, strict=True):
                found = house.ask(role, method, name).status_code
                if found != MEANS[sign]:
                    wrong.append(f"{method} {name} as {role}: {found}, not {MEANS[sign]}")
    assert wrong == []


def test_the_library_shows_strangers_the_entrances_only_and_breaks_for_nobody(house: House):
    wrong = []
    for name in library():
        for method in ("get", "post"):
            for role in "aos":
                status = house.ask(role, method, name).status_code
                allowed = {200, 302, 404, 405} if role != "a" or name in ENTRANCES else {302}
                if status not in allowed:
                    wrong.append(f"{method} {name} as {role}: {status}")
    assert wrong == []
    assert set(library()) >= ENTRANCES


def test_no_form_is_taken_without_the_token_of_its_page(house: House):
    """A form on another site cannot act for somebody who is signed in here."""
    client = sign_in(Client(enforce_csrf_checks=True), house.owner)
    for name in [*DOORS, *library()]:
        if not name.startswith("api:"):  # a key is no cookie: browsers do not send it by themselves
            assert client.post(house.path(name)).status_code == 403, name


def test_a_suspended_moderator_is_no_moderator(house: House):
    moderator = staff("m")
    client = sign_in(Client(), moderator)
    assert client.get("/admin/").status_code == 200
    move(moderator, Status.SUSPENDED, actor=None, reason="for the test")
    answer = client.get("/admin/")
    assert answer.status_code == 403
    assert "This account is suspended." in answer.content.decode()
    assert client.get("/account/").status_code == 200


def test_a_page_that_nobody_thought_of_is_closed_to_suspended_accounts(house: House, monkeypatch):
    monkeypatch.setattr("accounts.policies.OPEN_TO_SUSPENDED", re.compile("home"))
    for name in ("accounts:home", "detector", "voices:list"):
        assert house.ask("s", "get", name).status_code == 403
        assert house.ask("o", "get", name).status_code == 200


def test_a_terminated_account_is_signed_out_at_once(house: House):
    person = factories.make_user()
    client = sign_in(Client(), person)
    assert client.get("/account/").status_code == 200
    move(person, Status.TERMINATED, actor=None, reason="for the test")
    assert client.get("/account/").status_code == 302
