"""Sharing: explicit, on record, with a named account; its end takes effect at once."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import timezone

from accounts import services as accounts
from accounts.models import Status, User
from synthesis import making, policies, services
from tests import factories
from velluto import engines, jobs
from velluto.audit.models import AuditEvent
from velluto.jobs import Job
from velluto.transitions import move
from voices import policies as voice_policies
from voices import refusals, scope
from voices import services as voices
from voices.models import Voice, VoiceShare

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

TEXT = "This is a sentence that lasts for more than five seconds, because it goes on, and on, and does not stop early."


@pytest.fixture
def voice(db) -> Voice:
    return factories.active_voice(name="Velvet in the dark")


@pytest.fixture
def bob(db) -> User:
    return factories.make_user("bob@example.org", full_name="Bob Carter")


def shared(voice: Voice, friend: User, **options) -> VoiceShare:
    given = {"email": friend.email, "agreed": True, "actor": voice.account, **options}
    return voices.share(voice, **given)


def asked(account: User, voice: Voice):
    return services.request_speech(account=account, voice=voice, text=TEXT)


def done(request):
    for _ in range(3):
        Job.objects.filter(status="queued").update(due_at=timezone.now())
        jobs.drain()
    request.refresh_from_db()
    return request


def test_what_is_shared_is_on_record_with_the_words_agreed_to_and_the_person_is_told(voice, bob):
    share = shared(voice, bob, email="  Bob@Example.org ")
    jobs.drain()
    row = AuditEvent.objects.get(event="voices.voiceshare.shared")
    assert (row.subject_id, row.actor) == (str(share.pk), f"account:{voice.account.pk}")
    assert row.data == {"voice": str(voice.pk), "account": str(bob.pk)}
    assert share.agreement == voice_policies.agreement("self")
    (letter,) = [letter for letter in mail.outbox if letter.to == [bob.email]]
    assert letter.subject == "Velluto: a voice is shared with you"
    assert voice.name in letter.body


def test_who_it_is_shared_with_speaks_with_it_on_their_own_credits_and_begins_with_the_notice(voice, bob):
    shared(voice, bob)
    mine, theirs = accounts.balance(voice.account), accounts.balance(bob)
    request = done(asked(bob, voice))
    assert request.status == "done", request.error
    assert request.output.disclosed
    assert accounts.balance(voice.account) == mine
    assert accounts.balance(bob) == theirs - len(TEXT)


def test_a_shared_voice_is_always_disclosed_and_ones_own_where_that_is_asked_for():
    rule = policies.disclosure_first
    assert [rule(asked=a, shared=s) for a in (False, True) for s in (False, True)] == [False, True, True, True]


def test_the_notice_stands_in_front_of_a_voice_of_ones_own_where_it_is_asked_for(voice):
    request = services.request_speech(account=voice.account, voice=voice, text=TEXT, disclose=True)
    assert done(request).output.disclosed


@pytest.mark.parametrize("moment", ["before it starts", "between sentences", "after the last sound"])
def test_a_share_that_ends_while_the_job_runs_wins_and_the_credits_return(voice, bob, monkeypatch, moment: str):
    share = shared(voice, bob)
    before = accounts.balance(bob)
    request = asked(bob, voice)
    place, name = (engines.speech(), "speak") if moment == "between sentences" else (making, "finish")
    if moment == "before it starts":
        voices.unshare(share, actor=voice.account)
    else:
        real = getattr(place, name)

        def meanwhile(*args, **options):
            result = real(*args, **options)
            voices.unshare(share, actor=voice.account)
            return result

        monkeypatch.setattr(place, name, meanwhile)
    done(request)
    assert (request.status, request.error_code) == ("failed", "share_ended")
    assert not hasattr(request, "output")
    assert accounts.balance(bob) == before
    with pytest.raises(refusals.VoiceUnknown):
        asked(bob, voice)


def test_a_share_ends_once_on_record_and_can_be_made_anew(voice, bob):
    share = shared(voice, bob)
    for _ in range(2):
        voices.unshare(share, actor=voice.account, reason="no longer needed")
    assert AuditEvent.objects.filter(event="voices.voiceshare.ended", subject_id=str(share.pk)).count() == 1
    assert not voices.may_use(bob, voice)
    assert shared(voice, bob).pk != share.pk
    assert voices.may_use(bob, voice)


def test_nobody_shares_a_voice_that_is_not_their_own_not_even_one_shared_with_them(voice, bob):
    shared(voice, bob)
    charlie = factories.make_user()
    for stranger in (bob, charlie):
        with pytest.raises(refusals.VoiceUnknown):
            voices.share(voice, email=charlie.email, agreed=True, actor=stranger)
    assert not voices.may_use(charlie, voice)


def test_without_the_tick_to_nobody_to_oneself_or_twice_nothing_is_shared(voice, bob):
    barred = factories.make_user()
    move(barred, Status.SUSPENDED, actor=None)
    for options, refusal in (
        ({"agreed": False}, refusals.ShareNotAgreed),
        ({"email": "nobody@example.org"}, refusals.ShareAccountUnknown),
        ({"email": barred.email}, refusals.ShareAccountUnknown),
        ({"email": voice.account.email}, refusals.ShareAccountUnknown),
    ):
        with pytest.raises(refusal):
            shared(voice, bob, **options)
    assert not VoiceShare.objects.exists()
    shared(voice, bob)
    with pytest.raises(refusals.SharedAlready):
        shared(voice, bob)


def test_there_is_a_most_of_accounts(voice, bob, monkeypatch):
    monkeypatch.setattr(voice_policies, "SHARES_AT_ONCE", 1)
    shared(voice, bob)
    with pytest.raises(refusals.SharesTooMany):
        shared(voice, factories.make_user())


def test_only_a_voice_that_is_ready_can_be_shared(bob):
    with pytest.raises(refusals.VoiceUnknown):
        shared(factories.declared_voice(), bob)


def test_somebody_elses_voice_is_shared_only_where_their_consent_says_so(voice, bob, monkeypatch):
    Voice.objects.filter(pk=voice.pk).update(whose=Voice.Whose.THIRD_PARTY)
    with pytest.raises(refusals.SharingNotCovered):
        shared(voice, bob)
    monkeypatch.setattr(scope, "_answers", [lambda asked: {"sharing"} if asked.pk == voice.pk else set()])
    assert shared(voice, bob).agreement == voice_policies.agreement("third_party")


@pytest.mark.parametrize("who", ["account", "voice__account"])
def test_a_share_with_or_by_a_suspended_account_lets_nobody_speak(voice, bob, who: str):
    shared(voice, bob)
    move(bob if who == "account" else voice.account, Status.SUSPENDED, actor=None)
    assert not voices.may_use(bob, voice)
    assert not Voice.objects.shared_with(bob).exists()


def test_the_other_sees_the_voice_speaks_and_reaches_nothing_else_of_it(voice, bob, client):
    share = shared(voice, bob)
    client.force_login(bob)
    assert "Shared with me" in client.get("/voices/").content.decode()
    assert voice.name in client.get("/speak/").content.decode()
    for path in ("", "sharing/", "gate/", "delete/"):
        assert client.get(f"/voices/{voice.pk}/{path}").status_code == 404
    assert client.post(f"/voices/{voice.pk}/sharing/", {"email": "c@example.org", "agreed": "on"}).status_code == 404
    assert client.post(f"/voices/{voice.pk}/sharing/{share.pk}/end/").status_code == 404
    voices.unshare(share, actor=voice.account)
    assert "Shared with me" not in client.get("/voices/").content.decode()
    assert voice.name not in client.get("/speak/").content.decode()


def test_the_owner_shares_and_ends_it_on_the_page(voice, bob, client):
    client.force_login(voice.account)
    page = f"/voices/{voice.pk}/sharing/"
    assert client.post(page, {"email": bob.email}).status_code == 422
    assert client.post(page, {"email": bob.email, "agreed": "on"}).status_code == 302
    assert bob.email in client.get(page).content.decode()
    share = VoiceShare.objects.get()
    assert client.post(f"{page}{share.pk}/end/").status_code == 302
    assert bob.email not in client.get(page).content.decode()


def test_nobody_fishes_for_addresses_that_have_an_account(voice, bob, client, monkeypatch):
    monkeypatch.setattr(voice_policies, "SHARE_TRIES_PER_HOUR", 2)
    client.force_login(voice.account)
    page = f"/voices/{voice.pk}/sharing/"
    form = {"email": "nobody@example.org", "agreed": "on"}
    assert [client.post(page, form).status_code for _ in range(3)] == [404, 404, 429]
    assert client.post(page, {**form, "email": bob.email}).status_code == 429
    assert not VoiceShare.objects.exists()
