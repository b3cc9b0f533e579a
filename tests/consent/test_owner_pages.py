"""What a Voice Owner sees by a link and what nobody else does."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent import invitations, services
from consent.models import Attempt, Attestation, OwnerConsent, OwnerLink
from tests import factories
from tests.consent.test_invitations import INVITATION, receipt_of, token_of
from tests.consent.test_pages import signed_in
from velluto import jobs
from velluto.transitions import move
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

PRIVATE = ("Alice", "Carol", "my book", "example.org")


def page(name: str, *args: object, client: Client | None = None, **options: object):
    return (client or Client()).get(reverse(f"consent:{name}", args=args), **options)


def answers(**changed: str) -> dict[str, str]:
    return {
        "born_on": "1980-05-17",
        "signature": "Alice Baker",
        "agreed": "on",
        "shown_sha256": services.attestation(Attestation.Kind.VOICE_OWNER).sha256,
        **changed,
    }


def without_the_token(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)


def test_a_stranger_learns_nothing_from_a_wrong_an_old_or_a_dead_link():
    voice = factories.entrusted_voice()
    link = factories.invite(voice, at=timezone.now() - invitations.policies.INVITATION_LASTS)
    expired = token_of(link)
    replaced = token_of(invitations.invite_again(voice, actor=voice.account))
    declined = token_of(invitations.invite_again(voice, actor=voice.account))
    invitations.decline(invitations.follow(declined, INVITATION))
    seen = set()
    for token in ("guessed", expired, replaced, declined):
        for name in ("consent:owner-gate", "consent:owner-sample", "consent:owner-captcha", "owners:portal"):
            answer = Client().get(reverse(name, args=[token]))
            assert answer.status_code == 404
            seen.add(without_the_token(answer.content.decode()))
    (told,) = seen
    assert not any(word in told for word in PRIVATE)


def test_the_page_says_who_asks_for_what_and_offers_no_more_and_ticks_nothing():
    voice = factories.entrusted_voice()
    token = token_of(factories.invite(voice, scope=factories.OWN_USE))
    answer = page("owner-gate", token)
    html = answer.content.decode()
    for words in ("Carol Cooper", voice.account.email, "To read my book aloud.", "What a Voice Model is", "withdraw"):
        assert words in html
    assert 'name="commercial"' not in html and 'name="sharing"' not in html
    assert " checked" not in html
    assert answer["Cache-Control"] and "no-store" in answer["Cache-Control"]
    assert "Sign up" not in html
    everything = factories.entrusted_voice(voice.account)
    html = page("owner-gate", token_of(factories.invite(everything))).content.decode()
    assert 'name="commercial"' in html and " checked" not in html


def test_signing_needs_no_account_sets_no_session_and_gives_the_private_link():
    voice = factories.entrusted_voice()
    token = token_of(factories.invite(voice))
    client = Client()
    here = reverse("consent:owner-gate", args=[token])
    assert client.post(here, answers(agreed="")).status_code == 422
    assert client.post(here, answers(signature="Al Baker")).status_code == 422
    assert not OwnerConsent.objects.exists()
    answer = client.post(here, answers(commercial="on"), headers={"User-Agent": "a phone"}, REMOTE_ADDR="198.51.100.9")
    assert answer.status_code == 302
    signed = OwnerConsent.objects.get()
    assert (signed.commercial, signed.sharing, signed.ip_address, signed.user_agent) == (
        True,
        False,
        "198.51.100.9",
        "a phone",
    )
    own = {"headers": {"User-Agent": "a phone"}, "REMOTE_ADDR": "198.51.100.9"}
    assert receipt_of(voice) in client.get(here, **own).content.decode()
    for other in ({"headers": {"User-Agent": "a desk"}}, {"REMOTE_ADDR": "198.51.100.10"}):
        assert receipt_of(voice) not in client.get(here, **own | other).content.decode()
    assert "velluto_session" not in client.cookies


def test_the_account_sees_the_link_only_where_no_mail_was_sent():
    by_code, by_mail = factories.entrusted_voice(), factories.entrusted_voice()
    shown, mailed = factories.invite(by_code), factories.invite(by_mail, email="alice@example.org")
    client = signed_in(by_code.account)
    assert token_of(shown) in page("invitation", by_code.pk, client=client).content.decode()
    code = page("invitation-qr", by_code.pk, client=client)
    assert code["Content-Type"] == "image/svg+xml" and b"<svg" in code.content and b"<script" not in code.content
    client = signed_in(by_mail.account)
    html = page("invitation", by_mail.pk, client=client).content.decode()
    assert "alice@example.org" in html and token_of(mailed) not in html
    assert page("invitation-qr", by_mail.pk, client=client).status_code == 404


def test_an_account_cannot_invite_for_or_look_at_anothers_voice():
    voice = factories.entrusted_voice()
    factories.invite(voice)
    client = signed_in(factories.make_user())
    assert page("invitation", voice.pk, client=client).status_code == 404
    assert page("invitation-qr", voice.pk, client=client).status_code == 404
    assert client.post(reverse("consent:invite-again", args=[voice.pk])).status_code == 404
    assert OwnerLink.objects.count() == 1


def test_whoever_sent_the_invitation_cannot_open_it_while_signed_in():
    voice = factories.entrusted_voice()
    token = token_of(factories.invite(voice))
    client = signed_in(voice.account)
    assert page("owner-gate", token, client=client).status_code == 403
    assert client.post(reverse("consent:owner-gate", args=[token]), answers()).status_code == 403
    assert not OwnerConsent.objects.exists()
    assert page("owner-gate", token, client=signed_in(factories.make_user())).status_code == 200


def test_the_account_is_led_away_from_the_owners_steps_and_the_owner_from_the_accounts():
    voice = factories.voice_at("representations", voice=factories.entrusted_voice())
    token = token_of(OwnerLink.objects.get(purpose=INVITATION))
    home = reverse("consent:owner-gate", args=[token])
    for name in ("owner-captcha", "owner-statement", "owner-sample"):
        assert page(name, token)["Location"] == home
    assert "gives their word next" in page("owner-gate", token).content.decode()
    factories.represent(voice)
    client = signed_in(voice.account)
    waiting = reverse("consent:invitation", args=[voice.pk])
    for name in ("captcha", "statement", "gate"):
        assert page(name, voice.pk, client=client)["Location"] == waiting
    refused = client.post(reverse("consent:captcha-phrase", args=[voice.pk]), headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "gate_owners_step")
    shown = Client().post(reverse("consent:owner-captcha-phrase", args=[token]), headers={"Accept": "application/json"})
    assert len(shown.json()["phrase"].split()) == 5


def test_the_owner_may_record_the_sample_and_sees_what_was_found():
    voice = factories.voice_at("sample", voice=factories.entrusted_voice())
    token = token_of(OwnerLink.objects.get(purpose=INVITATION))
    client = Client()
    here = reverse("consent:owner-sample", args=[token])
    file = SimpleUploadedFile("sample.wav", factories.sample().getvalue())
    with factories.measured_once():
        answer = client.post(here, {"audio": file}, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.json()
        jobs.drain()
    assert Attempt.objects.get(voice=voice).status == "passed"
    assert "That is good" in client.get(answer.json()["next"]).content.decode()


def test_declining_takes_one_button_and_the_account_is_told_that_alone():
    voice = factories.entrusted_voice()
    token = token_of(factories.invite(voice))
    answer = Client().post(reverse("consent:owner-decline", args=[token]))
    assert (answer.status_code, "no voice is made" in answer.content.decode()) == (200, True)
    html = signed_in(voice.account).get(reverse("voices:detail", args=[voice.pk])).content.decode()
    assert "The invitation was declined" in html
    assert page("owner-gate", token).status_code == 404


def test_while_the_account_is_suspended_the_owner_waits_and_can_still_withdraw():
    voice = factories.voice_at("captcha", voice=factories.entrusted_voice())
    token = token_of(OwnerLink.objects.get(purpose=INVITATION))
    receipt = receipt_of(voice)
    move(voice.account, "suspended", actor=None, reason="for the test")
    answer = page("owner-gate", token)
    assert answer.status_code == 409 and "suspended" not in answer.content.decode()
    assert Client().get(reverse("owners:portal", args=[receipt])).status_code == 200


def test_the_declaration_of_somebody_else_goes_on_to_the_invitation_and_is_not_ones_own_name():
    user = factories.make_user(full_name="Carol Cooper")
    client = signed_in(user)
    given = {
        "whose": "third_party",
        "tier": "instant",
        "name": "Her voice",
        "owner_name": "carol cooper",
        "alive": "yes",
        "adult": "yes",
        "office": "never",
        "public_figure": "no",
        "purpose": "A book.",
        "forbidden_use": "no",
    }
    assert "This is your own name" in client.post(reverse("consent:declare"), given).content.decode()
    answer = client.post(reverse("consent:declare"), given | {"owner_name": "Alice Baker"}, follow=True)
    voice = Voice.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("consent:invitation", args=[voice.pk])
    asked = client.post(
        answer.redirect_chain[-1][0],
        {"reason": "A book.", "commercial": "yes", "languages": ["en", "de"], "email": "", "until": ""},
        follow=True,
    )
    assert "Waiting for Alice Baker" in asked.content.decode()
    assert voice.invitation.commercial and sorted(voice.invitation.languages) == ["de", "en"]
