"""What staff may do with accounts: each action once permitted, once forbidden."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts import services
from accounts.models import CreditEntry, User
from accounts.roles import AUDITOR, MODERATOR, ROLES, SENIOR_MODERATOR
from tests.accounts.factories import make_user
from velluto.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
USERS = "/admin/accounts/user/"
LEDGER = "/admin/accounts/creditentry/"


@pytest.fixture(autouse=True)
def the_door_is_open(settings):
    settings.ADMIN_REQUIRES_MFA = False  # test_admin_door.py is about the door


def signed_in(*, role: str = "", superuser: bool = False) -> tuple[Client, User]:
    user = make_user(staff=True, superuser=superuser)
    if role:
        user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client, user


def grant(client: Client, user: User, **changes: object):
    return client.post(
        USERS,
        {
            "action": "grant_credits",
            "_selected_action": str(user.pk),
            "apply": "Grant",
            "characters": "500",
            "reason": "Paid by invoice 7",
            "token": str(uuid.uuid4()),
            **changes,
        },
    )


def test_the_migration_made_the_roles_and_their_permissions():
    assert set(Group.objects.values_list("name", flat=True)) >= set(ROLES)
    allowed = {role: set(Group.objects.get(name=role).permissions.values_list("codename", flat=True)) for role in ROLES}
    assert all({"view_user", "view_creditentry"} <= allowed[role] for role in ROLES)
    assert [role for role in ROLES if "grant_credits" in allowed[role]] == [SENIOR_MODERATOR]


def test_a_senior_moderator_grants_credits_with_a_reason():
    client, senior = signed_in(role=SENIOR_MODERATOR)
    anna = make_user()
    before = services.balance(anna)
    page = client.post(USERS, {"action": "grant_credits", "_selected_action": str(anna.pk)})
    assert anna.email in page.content.decode()
    assert services.balance(anna) == before, "asking for the form grants nothing"
    assert grant(client, anna).status_code == 302
    assert services.balance(anna) == before + 500
    row = AuditEvent.objects.get(event="credits.granted")
    assert (row.actor, row.subject_id, row.reason) == (f"account:{senior.pk}", str(anna.pk), "Paid by invoice 7")


def test_a_grant_without_a_reason_is_not_made():
    client, _ = signed_in(role=SENIOR_MODERATOR)
    anna = make_user()
    answer = grant(client, anna, reason="")
    assert answer.context["form"].errors["reason"]
    assert not anna.credit_entries.filter(kind=CreditEntry.Kind.PURCHASE).exists()


def test_a_grant_sent_twice_is_made_once():
    client, _ = signed_in(role=SENIOR_MODERATOR)
    anna, token = make_user(), str(uuid.uuid4())
    for _ in range(2):
        grant(client, anna, token=token)
    assert anna.credit_entries.filter(kind=CreditEntry.Kind.PURCHASE).count() == 1


@pytest.mark.parametrize("role", [MODERATOR, AUDITOR])
def test_other_roles_see_accounts_and_cannot_grant(role):
    client, _ = signed_in(role=role)
    anna = make_user()
    assert client.get(USERS).status_code == 200
    grant(client, anna)
    assert not anna.credit_entries.filter(kind=CreditEntry.Kind.PURCHASE).exists()


def test_staff_without_a_role_see_no_accounts():
    client, _ = signed_in()
    assert client.get(USERS).status_code == 403
    assert client.get(LEDGER).status_code == 403


def test_a_superuser_gives_a_role_and_the_audit_keeps_why():
    client, boss = signed_in(superuser=True)
    anna = make_user()
    moderator = Group.objects.get(name=MODERATOR)
    answer = client.post(
        f"{USERS}{anna.pk}/change/", {"is_staff": "on", "groups": [moderator.pk], "reason": "Joins the team"}
    )
    assert answer.status_code == 302
    anna.refresh_from_db()
    assert anna.is_staff
    assert list(anna.groups.all()) == [moderator]
    row = AuditEvent.objects.get(event="account.role_set")
    assert (row.actor, row.reason) == (f"account:{boss.pk}", "Joins the team")
    assert row.data == {
        "before": {"staff": False, "groups": []},
        "after": {"staff": True, "groups": [MODERATOR]},
    }


def test_a_role_is_not_given_without_a_reason():
    client, _ = signed_in(superuser=True)
    anna = make_user()
    answer = client.post(f"{USERS}{anna.pk}/change/", {"is_staff": "on", "reason": ""})
    assert answer.context["adminform"].form.errors["reason"]
    anna.refresh_from_db()
    assert not anna.is_staff


def test_a_senior_moderator_cannot_give_roles_to_anybody():
    client, senior = signed_in(role=SENIOR_MODERATOR)
    assert client.get(f"{USERS}{senior.pk}/change/").status_code == 200
    answer = client.post(f"{USERS}{senior.pk}/change/", {"is_superuser": "on", "is_staff": "on", "reason": "me"})
    assert answer.status_code == 403
    senior.refresh_from_db()
    assert not senior.is_superuser


def test_nobody_adds_or_deletes_accounts_or_entries_in_the_admin():
    client, _ = signed_in(superuser=True)
    anna = make_user()
    entry = anna.credit_entries.get()
    for path in (
        f"{USERS}add/",
        f"{USERS}{anna.pk}/delete/",
        f"{LEDGER}add/",
        f"{LEDGER}{entry.pk}/delete/",
    ):
        assert client.post(path, {"post": "yes"}).status_code == 403
    assert client.post(f"{LEDGER}{entry.pk}/change/", {"characters": "9"}).status_code == 403


def test_the_page_of_an_account_shows_no_trace_of_the_password():
    client, _ = signed_in(superuser=True)
    anna = make_user()
    page = client.get(f"{USERS}{anna.pk}/change/").content.decode()
    assert anna.password not in page
    assert anna.password.split("$")[0] not in page
