"""A changed SECRET_KEY: nobody notices while the former one is a fallback; after that nothing old is believed."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from cryptography.fernet import InvalidToken
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts import services
from tests.accounts.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def change_the_key(settings):
    former = settings.SECRET_KEY

    def change(*, fallback: bool) -> None:
        settings.SECRET_KEY = "another key, " + "y" * 50
        settings.SECRET_KEY_FALLBACKS = [former] if fallback else []

    return change


@pytest.mark.parametrize(("fallback", "status"), [(True, 200), (False, 302)])
def test_who_is_signed_in_stays_so_as_long_as_the_former_key_counts(change_the_key, fallback: bool, status: int):
    client = Client()
    client.post("/account/login/", {"login": make_user().email, "password": PASSWORD})
    change_the_key(fallback=fallback)
    assert client.get("/account/").status_code == status


def test_a_session_that_was_used_meanwhile_outlives_the_former_key(change_the_key):
    client = Client()
    client.post("/account/login/", {"login": make_user().email, "password": PASSWORD})
    change_the_key(fallback=True)
    client.get("/account/")
    change_the_key(fallback=False)
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(("fallback", "good"), [(True, True), (False, False)])
def test_a_link_for_a_new_password_works_as_long_as_the_former_key_counts(change_the_key, fallback: bool, good: bool):
    user = make_user()
    Client().post("/account/password/reset/", {"email": user.email})
    link = re.search(r"/account/password/reset/key/\S+", mail.outbox[-1].body)
    assert link
    change_the_key(fallback=fallback)
    client = Client()
    form = client.get(link[0], follow=True)
    new = "another quiet velvet in the dark"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new) is good


def test_second_factors_are_taken_over_before_the_former_key_goes(change_the_key, capsys):
    user = make_user()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    codes = RecoveryCodes.activate(user).generate_codes()
    change_the_key(fallback=True)
    call_command("rotate_second_factors")
    assert "2 second factors" in capsys.readouterr().out
    assert services.rotate_second_factors() == 0
    change_the_key(fallback=False)
    kept = {factor.type: factor.wrap() for factor in Authenticator.objects.all()}
    assert kept["recovery_codes"].generate_codes() == codes
    assert kept["totp"].instance.data["secret"] != secret
    assert decrypt(kept["totp"].instance.data["secret"]) == secret


def test_second_factors_that_were_not_taken_over_are_refused_and_not_replaced(change_the_key):
    TOTP.activate(make_user(), generate_totp_secret())
    before = Authenticator.objects.get().data
    change_the_key(fallback=False)
    with pytest.raises(InvalidToken):
        services.rotate_second_factors()
    assert Authenticator.objects.get().data == before
