"""Programs sign in with keys: shown once, kept as a digest, ended at once, counted."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts import keys, policies, refusals, services
from accounts.models import ApiKey, Status, User
from tests.accounts.factories import PASSWORD, make_user
from velluto.audit.models import AuditEvent
from velluto.transitions import move

pytestmark = pytest.mark.django_db
PAGE, ME = "/account/keys/", "/api/v1/me"
ALL = list(ApiKey.Scope.values)


@pytest.fixture
def anna() -> User:
    return make_user()


def make(user: User, *, scopes: list[str] = ALL, **more) -> tuple[str, ApiKey]:
    id = uuid4()
    secret = keys.create(user, id=id, name="a program", scopes=scopes, days=30, **more)
    return secret, ApiKey.objects.get(pk=id)


def call(secret: str):
    return Client().get(ME, headers={"Authorization": f"Bearer {secret}"})


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_key_says_who_one_is_and_what_one_may_spend(anna: User):
    secret, key = make(anna)
    answer = call(secret)
    assert answer.status_code == 200
    assert answer.json()["account"]["id"] == str(anna.pk)
    assert answer.json()["credits"] == services.balance(anna)
    assert answer.json()["key"]["prefix"] == key.prefix == secret[:10]
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_key_is_made_on_its_page_shown_once_and_kept_as_a_digest(anna: User):
    client = Client()
    client.post("/account/login/", {"login": anna.email, "password": PASSWORD})
    form = {"id": str(uuid4()), "name": "my script", "scopes": ["account"], "days": "90"}
    first = client.post(PAGE, form)
    assert first.headers["Location"].startswith("/account/reauthenticate/")  # a session left open makes no key
    made = client.post(first.headers["Location"], {"password": PASSWORD})
    (secret,) = re.findall(r"vel_[\w-]{43}", made.content.decode())
    assert "no-store" in made.headers["Cache-Control"]
    key = ApiKey.objects.get()
    assert key.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in client.get(PAGE).content.decode()
    assert call(secret).status_code == 200
    row = AuditEvent.objects.get(event="accounts.apikey.created")
    assert (row.actor, row.subject_id, row.data["scopes"]) == (f"account:{anna.pk}", str(key.pk), ["account"])
    assert secret not in str(row.data)
    again = client.post(PAGE, form)  # the page loaded again
    assert (again.status_code, ApiKey.objects.count()) == (409, 1)


def test_a_revoked_key_is_refused_at_once_and_the_audit_knows_once(anna: User):
    secret, key = make(anna)
    client = Client()
    client.force_login(anna)
    for _ in range(2):
        assert client.post(f"{PAGE}{key.pk}/revoke/").status_code == 302
    assert code(call(secret)) == (401, "api_key_invalid")
    assert AuditEvent.objects.filter(event="accounts.apikey.revoked").count() == 1


def test_nobody_revokes_the_key_of_somebody_else(anna: User):
    secret, key = make(anna)
    client = Client()
    client.force_login(make_user())
    assert client.post(f"{PAGE}{key.pk}/revoke/").status_code == 404
    assert call(secret).status_code == 200


def test_a_key_ends_on_its_day(anna: User):
    secret, _ = make(anna, at=timezone.now() - timedelta(days=30))
    assert code(call(secret)) == (401, "api_key_invalid")


@pytest.mark.parametrize("header", ["Bearer vel_" + "x" * 43, "Bearer ", "Basic dXNlcjpwdw==", "vel_something"])
def test_what_is_no_key_is_refused_and_told_how(anna: User, header: str):
    make(anna)
    answer = Client().get(ME, headers={"Authorization": header})
    assert code(answer) == (401, "api_key_invalid")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_session_is_no_key(anna: User):
    client = Client()
    client.force_login(anna)
    assert code(client.get(ME)) == (401, "api_key_invalid")


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.TERMINATED])
def test_the_keys_of_an_account_that_is_stopped_stop_with_it_and_it_gets_no_new_one(anna: User, status: str):
    secret, key = make(anna)
    move(anna, status, actor=None, reason="for the test")
    assert code(call(secret)) == (403, "account_suspended")
    with pytest.raises(refusals.AccountSuspended):
        make(anna)
    key.refresh_from_db()
    assert key.last_used_at is None


def test_a_key_does_only_what_it_was_made_for(anna: User):
    secret, _ = make(anna, scopes=["detections"])
    assert code(call(secret)) == (403, "api_scope_missing")
    secret, _ = make(anna, scopes=["account"])
    asked = Client().post("/api/v1/detections", headers={"Authorization": f"Bearer {secret}"})
    assert code(asked) == (403, "api_scope_missing")


def test_each_key_may_call_so_often_a_minute(anna: User, settings):
    settings.API_CALLS_PER_MINUTE = 2
    at = timezone.now().replace(second=30)
    secret, _ = make(anna, at=at)
    other, _ = make(anna, at=at)
    for _ in range(2):
        keys.let_in(secret, at=at)
    with pytest.raises(refusals.ApiCallsTooMany):
        keys.let_in(secret, at=at)
    keys.let_in(other, at=at)
    assert keys.let_in(secret, at=at + timedelta(minutes=1))


def test_an_account_has_so_many_keys_at_once_and_revoked_ones_do_not_count(anna: User):
    made = [make(anna)[1] for _ in range(policies.KEYS_AT_ONCE)]
    with pytest.raises(refusals.ApiKeysTooMany):
        make(anna)
    keys.revoke(made[0], actor=anna)
    assert make(anna)
