"""Asking to be listed: without an account, proven by mail and voice, decided by a custodian, told to nobody else."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent import refusals as gate
from moderation import services as moderation
from moderation.models import Case, NoGoEntry, NoGoMatch, NoGoRecording, NoGoVoiceprint
from moderation.policies import DISGUISES
from moderation.services import nogo
from takedowns.listing import refusals, services
from takedowns.models import ListingRequest
from tests import factories
from tests.accounts.factories import make_user
from tests.consent.test_nogo import custodian, listed
from tests.once import once
from velluto import jobs, vault
from velluto.audit.models import AuditEvent
from velluto.vault.models import VaultObject

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

FORM = {
    "name": "Alice Baker",
    "others": "The Velvet Hare\n",
    "why": "I live by my voice.",
    "email": "alice@example.org",
}
WORDS = ["harvest", "umbrella", "candle", "mountain", "silver"]


def asked(**form: str) -> str:
    """Fill in the form as anybody may; return the link's path from the mail."""
    mail.outbox.clear()
    answer = Client().post(reverse("takedowns:listing"), {**FORM, **form})
    assert answer.status_code == 302, answer.content.decode()
    jobs.drain()
    body = mail.outbox[-1].body
    return next(word for word in body.split() if "/no-go/" in word).partition("8000")[2]


def recorded(path: str, monkeypatch: pytest.MonkeyPatch) -> ListingRequest:
    """Read the text and the phrase aloud; the job checks them."""
    client = Client()
    sent = client.post(f"{path}sample/", {"audio": named(factories.sample())}, headers={"Accept": "application/json"})
    assert sent.json() == {"next": path}
    monkeypatch.setattr("takedowns.listing.services.phrases.new_phrase", lambda random: tuple(WORDS))
    shown = client.post(f"{path}phrase/").json()
    assert shown["phrase"] == " ".join(WORDS)
    read = once("a listing phrase", lambda: factories.recording(", ".join(WORDS)).getvalue())
    sent = client.post(f"{path}answer/", {"audio": named(io.BytesIO(read)), "challenge": shown["challenge"]})
    assert sent.status_code == 302
    assert "Being checked" in client.get(path).content.decode()
    jobs.drain()
    return ListingRequest.objects.get()


def named(content: io.BytesIO) -> io.BytesIO:
    content.name = "voice.wav"
    return content


def settled(choice: str, reason: str = "As found.") -> Case:
    actor, case = custodian(), Case.every.get(kind=services.KIND)
    moderation.claim(case, actor=actor)
    moderation.decide(case, choice=choice, section="3", reason=reason, actor=actor)
    mail.outbox.clear()
    jobs.drain()
    return case


def test_a_person_is_listed_with_names_and_voice_and_their_voice_is_held_from_then_on(monkeypatch):
    path = asked()
    request = recorded(path, monkeypatch)
    assert (request.status, bool(request.voiceprint)) == ("waiting", True), request.findings
    assert "A person decides now" in Client().get(path).content.decode()
    assert not VaultObject.objects.filter(owner=request.vault_owner).exists()  # the recordings are gone
    assert not Case.objects.filter(kind=services.KIND).exists()  # for custodians alone
    settled("list")
    entry = NoGoEntry.objects.get()
    assert nogo.read(entry, actor=custodian()) == {"names": ["Alice Baker", "The Velvet Hare"], "note": FORM["why"]}
    assert "will not be cloned" in mail.outbox[0].subject
    assert mail.outbox[0].to == ["alice@example.org"]
    assert vault.is_destroyed(request.vault_owner)
    assert services.details(ListingRequest.objects.get())["email"] == ""
    voice = factories.voice_at("review", make_user(full_name="Winifred Quill"))
    assert NoGoMatch.objects.get(subject_id=voice.pk).kind == "voice"


def test_who_is_refused_is_told_why_and_nothing_is_kept(monkeypatch):
    request = recorded(asked(), monkeypatch)
    settled("do_not_list", reason="Write to us from your agency's address.")
    assert "from your agency's address" in mail.outbox[0].body
    assert vault.is_destroyed(request.vault_owner)
    assert not NoGoEntry.objects.exists()


def test_a_phrase_counts_once_and_in_time(monkeypatch):
    request = services.follow(asked().split("/")[2])
    with pytest.raises(refusals.ListingNotOpen):
        services.show_phrase(request)
    services.hand_in_sample(request, factories.sample())
    now = timezone.now()
    services.show_phrase(request, at=now)
    with pytest.raises(gate.PhraseTooLate):
        services.answer_phrase(request, factories.sample(), at=now + timedelta(seconds=14))
    with pytest.raises(refusals.ListingPhraseUsed):
        services.answer_phrase(request, factories.sample(), at=now + timedelta(seconds=1))


def test_after_three_tries_that_failed_a_custodian_looks(monkeypatch):
    token = asked().split("/")[2]
    request = services.follow(token)
    for number in range(3):
        assert services.follow(token).status == "asked"
        services.hand_in_sample(request, factories.sample())
        services.show_phrase(request)
        wrong = once("a wrong phrase", lambda: factories.recording("Good morning to you all.").getvalue())
        services.answer_phrase(request, io.BytesIO(wrong))
        jobs.drain()
        if number == 0:
            page = Client().get(reverse("takedowns:listing-standing", args=[token])).content.decode()
            assert "words of the phrase" in page
            assert "2 more tries" in page
    assert services.follow(token).status == "waiting"
    assert Case.every.get(kind=services.KIND).credibility == 20


def test_the_answer_is_the_same_for_who_is_listed_already_and_many_requests_are_too_many():
    listed("Alice Baker")
    said = [Client().post(reverse("takedowns:listing"), {**FORM, "name": name}) for name in ("Alice Baker", "Bob Ray")]
    assert [(answer.status_code, answer.headers["Location"]) for answer in said] == [(302, "/no-go/sent/")] * 2
    assert Client().post(reverse("takedowns:listing"), FORM).status_code == 302
    refused = Client().post(reverse("takedowns:listing"), {**FORM, "email": "another@example.org"})
    assert refused.status_code == 429
    assert "several such requests" in refused.content.decode()


def test_what_is_not_proven_within_a_week_is_destroyed():
    token = asked().split("/")[2]
    request = services.follow(token)
    assert services.lapse(at=request.expires_at - timedelta(seconds=1)) == 0
    assert services.lapse(at=request.expires_at) == 1
    assert vault.is_destroyed(request.vault_owner)
    with pytest.raises(refusals.ListingLinkUnknown):
        services.follow(token)


def test_neither_rows_nor_audit_hold_who_asked(monkeypatch):
    recorded(asked(), monkeypatch)
    rows = repr([*ListingRequest.objects.values(), *AuditEvent.objects.values(), *Case.every.values()])
    for secret in ("Baker", "Velvet", "alice@", "live by"):
        assert secret not in rows


def test_a_custodian_adds_a_voiceprint_by_a_recording_that_is_not_kept(settings):
    settings.ADMIN_REQUIRES_MFA = False
    entry, client = listed("Somebody Altogetherdifferent"), Client()
    client.force_login(custodian())
    address = reverse("admin:moderation_nogoentry_voice", args=[entry.pk])
    assert client.post(address, {"audio": named(io.BytesIO(b"no sound at all"))}).status_code == 302
    assert not NoGoRecording.objects.exists()
    assert client.post(address, {"audio": named(factories.sample())}).status_code == 302
    jobs.drain()
    assert NoGoVoiceprint.objects.filter(entry=entry).count() == len(DISGUISES)
    assert not NoGoRecording.objects.exists()
    assert not VaultObject.objects.filter(owner=entry.vault_owner).exists()
    quiet = io.BytesIO(once("silence", lambda: factories.recording("Hm.").getvalue()))
    client.post(address, {"audio": named(quiet)})
    jobs.drain()
    page = client.get(reverse("admin:moderation_nogoentry_change", args=[entry.pk])).content.decode()
    assert "too little speech" in page
    client.force_login(factories.moderator())
    assert client.post(address, {"audio": named(factories.sample())}).status_code == 403
