"""The operator's texts: versions that stay, and who accepted which."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.checks import somebody_runs_it
from accounts.models import LegalText, User
from accounts.texts import refusals, services
from tests.accounts.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return make_user("alice@example.org")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def published() -> list[LegalText]:
    return services.publish(actor="operator:tests")


def accept_all(user: User) -> None:
    shown = {text.sha256 for text in services.missing(user)}
    services.accept(user, shown=shown, ip_address="192.0.2.1", user_agent="a browser")


def test_what_did_not_change_gets_no_new_version_and_what_did_keeps_the_old_one(settings):
    assert len(published()) == len(LegalText.Kind.values)
    assert published() == []
    settings.OPERATOR = {**settings.OPERATOR, "takedown": "elsewhere@example.org"}
    changed = {text.kind: text.number for text in published()}
    assert changed == {"voice-cloning": 2, "acceptable-use": 2, "contact": 2}
    page = Client().get(reverse("texts:version", args=["contact", 1])).content.decode()
    assert "no longer in force" in page
    assert "elsewhere@example.org" not in page
    assert "elsewhere@example.org" in Client().get(reverse("texts:text", args=["contact"])).content.decode()


def test_nothing_new_is_made_before_the_texts_are_accepted_but_all_that_ends_something_stays_open(alice: User):
    published()
    client = signed_in(alice)
    answer = client.get(reverse("consent:declare") + "?from=here")
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("texts:accept"))
    made = client.post(reverse("consent:declare"), {"whose": "self"}, headers={"Accept": "application/json"})
    assert (made.status_code, made.json()["error"]["code"]) == (403, "texts_not_accepted")
    assert client.get(reverse("voices:list")).status_code == 200
    page = client.get(answer.url)
    shown = [text.sha256 for text in page.context["texts"]]
    assert client.post(answer.url, {"next": "/voices/new/?from=here", "shown": shown}).status_code == 200, "no tick"
    accepted = client.post(answer.url, {"next": "/voices/new/?from=here", "shown": shown, "accepted": "on"})
    assert (accepted.status_code, accepted.url) == (302, "/voices/new/?from=here")
    assert client.get(accepted.url).status_code == 200
    kept = alice.text_acceptances.select_related("text")
    assert {one.text.kind for one in kept} == set(LegalText.MUST_BE_ACCEPTED)


def test_a_new_version_is_asked_for_again_and_only_that_one(alice: User, settings):
    published()
    accept_all(alice)
    assert services.missing(alice) == []
    settings.OPERATOR = {**settings.OPERATOR, "country": "Elsewhere"}
    published()
    assert [text.kind for text in services.missing(alice)] == ["terms"]


def test_who_accepted_what_was_replaced_meanwhile_reads_again(alice: User, settings):
    published()
    shown = {text.sha256 for text in services.missing(alice)}
    settings.OPERATOR = {**settings.OPERATOR, "country": "Elsewhere"}
    published()
    with pytest.raises(refusals.TextsChanged):
        services.accept(alice, shown=shown, ip_address=None, user_agent="")
    assert not alice.text_acceptances.exists()


def test_an_address_elsewhere_is_not_gone_on_to(alice: User):
    published()
    accept_all(alice)
    answer = signed_in(alice).get(reverse("texts:accept") + "?next=https://example.com/")
    assert answer.url == reverse("voices:list")


def test_every_text_names_the_operator_or_their_address_and_leaves_no_blank(settings):
    settings.OPERATOR = {key: f"<{key}>" for key in settings.OPERATOR}
    for kind in LegalText.Kind.values:
        body = services.rendered(kind)
        assert "{{" not in body
        assert any(f"&lt;{key}&gt;" in body for key in settings.OPERATOR), kind


def test_the_command_names_what_it_would_publish():
    told = StringIO()
    call_command("publish_texts", dry_run=True, stdout=told)
    assert told.getvalue().split() == LegalText.Kind.values
    assert not LegalText.objects.exists()


def test_a_site_that_names_nobody_is_not_deployed(settings):
    settings.OPERATOR = {**settings.OPERATOR, "name": ""}
    assert [error.id for error in somebody_runs_it(None)] == ["accounts.E003"]
