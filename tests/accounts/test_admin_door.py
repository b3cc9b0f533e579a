"""The admin opens to staff who used a second factor in this session, and to nobody else."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from accounts import checks
from accounts.models import User
from tests.accounts.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
ADMIN = "/admin/"


@pytest.fixture(autouse=True)
def the_rule_holds(settings):
    settings.ADMIN_REQUIRES_MFA = True


def code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(user: User) -> Client:
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    return client


def test_a_stranger_is_led_to_the_one_sign_in_there_is():
    first = Client().get(ADMIN)
    assert Client().get(first.headers["Location"]).headers["Location"] == "/account/login/?next=/admin/"


def test_somebody_who_is_no_staff_is_refused():
    client = sign_in(make_user())
    assert client.get(ADMIN, follow=True).status_code == 403


def test_a_superuser_without_a_second_factor_is_led_to_setting_one_up():
    client = sign_in(make_user(superuser=True))
    answer = client.get(ADMIN, follow=True)
    assert answer.redirect_chain[-1][0] == "/account/2fa/"
    assert "The admin needs a second factor." in answer.content.decode()
    assert client.get("/admin/accounts/user/").status_code == 302


def test_a_superuser_with_a_factor_that_was_not_used_in_this_session_is_asked_for_it():
    boss = make_user(superuser=True)
    client = sign_in(boss)
    TOTP.activate(boss, generate_totp_secret())
    assert client.get(ADMIN, follow=True).redirect_chain[-1][0] == "/account/2fa/reauthenticate/?next=%2Fadmin%2F"


def test_a_superuser_who_confirms_with_the_app_is_let_in():
    boss = make_user(superuser=True)
    client = sign_in(boss)
    secret = generate_totp_secret()
    TOTP.activate(boss, secret)
    answer = client.post("/account/2fa/reauthenticate/?next=/admin/", {"code": code(secret), "next": ADMIN})
    assert answer.headers["Location"] == ADMIN
    assert client.get(ADMIN).status_code == 200


def test_a_wrong_code_does_not_open_the_admin():
    boss = make_user(superuser=True)
    client = sign_in(boss)
    secret = generate_totp_secret()
    TOTP.activate(boss, secret)
    wrong = f"{(int(code(secret)) + 1) % 1_000_000:06d}"
    client.post("/account/2fa/reauthenticate/", {"code": wrong})
    assert client.get(ADMIN).status_code == 302


def test_signing_in_with_password_and_code_opens_the_admin_for_staff_with_a_role():
    moderator = make_user(staff=True)
    secret = generate_totp_secret()
    TOTP.activate(moderator, secret)
    client = sign_in(moderator)
    assert client.get(ADMIN).status_code == 302
    client.post("/account/2fa/authenticate/", {"code": code(secret)})
    assert client.get(ADMIN).status_code == 200


def test_a_recovery_code_is_a_second_factor_too_and_works_once():
    boss = make_user(superuser=True)
    TOTP.activate(boss, generate_totp_secret())
    recovery = RecoveryCodes.activate(boss).get_unused_codes()[0]
    client = sign_in(boss)
    client.post("/account/2fa/authenticate/", {"code": recovery})
    assert client.get(ADMIN).status_code == 200
    again = sign_in(boss)
    again.post("/account/2fa/authenticate/", {"code": recovery})
    assert again.get(ADMIN).status_code == 302


def test_the_factor_of_one_session_does_not_open_another():
    boss = make_user(superuser=True)
    secret = generate_totp_secret()
    TOTP.activate(boss, secret)
    client = sign_in(boss)
    client.post("/account/2fa/authenticate/", {"code": code(secret)})
    assert client.get(ADMIN).status_code == 200
    other = Client()
    other.force_login(boss)
    assert other.get(ADMIN).status_code == 302


def test_a_development_setting_lifts_the_rule_for_staff_only(settings):
    settings.ADMIN_REQUIRES_MFA = False
    assert sign_in(make_user(superuser=True)).get(ADMIN).status_code == 200
    assert sign_in(make_user()).get(ADMIN, follow=True).status_code == 403


def test_the_deploy_check_refuses_the_lifted_rule(settings):
    assert checks.the_admin_requires_a_second_factor(None) == []
    settings.ADMIN_REQUIRES_MFA = False
    assert [error.id for error in checks.the_admin_requires_a_second_factor(None)] == ["accounts.E001"]


def test_the_admin_sends_nobody_to_another_site():
    client = sign_in(make_user(superuser=True))
    boss = User.objects.get()
    TOTP.activate(boss, generate_totp_secret())
    answer = client.get("/admin/login/?next=https://elsewhere.example/")
    assert answer.headers["Location"] == "/account/2fa/reauthenticate/?next=%2Fadmin%2F"


def test_secrets_of_second_factors_are_encrypted_in_the_database_and_survive_a_change_of_key(settings):
    boss = make_user(superuser=True)
    secret = generate_totp_secret()
    TOTP.activate(boss, secret)
    stored = Authenticator.objects.get(user=boss, type="totp")
    assert secret not in str(stored.data)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key " * 6
    assert stored.wrap().validate_code(code(secret))


def test_tables_of_libraries_are_not_in_the_admin(settings):
    settings.ADMIN_REQUIRES_MFA = False
    client = sign_in(make_user(superuser=True))
    for path in ("account/emailaddress/", "mfa/authenticator/", "auth/group/", "django_q/task/"):
        assert client.get(f"/admin/{path}").status_code == 404
