"""A Voice Owner's portal: what there is and what it was used for; pause, less, more, a copy, the end."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services as accounts
from consent import invitations
from consent.models import ConsentRecord, Narrowing, OwnerConsent
from consent.owning import services as owning
from consent.policies import Scope
from consent.refusals import ConsentEnded, ConsentPaused, GrantTooWide, NothingToPause, OutsideScope, ScopeNotNarrower
from synthesis import access, making
from synthesis import services as synthesis
from synthesis.models import Output, SpeechRequest
from takedowns import cascade
from takedowns import services as takedowns
from takedowns.models import Revocation
from tests import factories, standins
from tests.consent.test_pages import signed_in
from tests.takedowns.owners import entrusted, later, link_to, page, post, signed
from velluto import vault
from velluto.audit.models import AuditEvent
from velluto.engines.base import Mark
from velluto.jobs import Run, queue
from voices import services as voices
from voices.models import Voice, VoiceShare

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

MADE = making.Made(b"sound", 1.0, Mark(77, 0.0, 1.0, 1.0, "stand-in", "1"), False, False)


@pytest.fixture
def voice(db) -> Voice:
    return entrusted()


def shared_with(voice: Voice, email: str = "dora@example.org") -> VoiceShare:
    return voices.share(voice, email=factories.make_user(email).email, agreed=True, actor=voice.account)


def test_the_portal_shows_what_there_is_and_what_it_was_used_for_but_no_text(voice):
    standins.spoken(voice, "Nobody but the account may read this.")
    html = page(voice)
    for words in (
        "it can speak",
        "Own use only",
        "Carol Cooper",
        "There is one, since",
        "Sample, 31 s",
        "It spoke 1 time, 1 seconds in all",
        "English",
        "Own use",
        "The account that has it",
        "Recordings kept",
    ):
        assert words in html, words
    assert "Nobody but the account" not in html
    answer = Client().get(link_to(voice))
    assert "no-store" in answer["Cache-Control"] and "velluto_session" not in answer.cookies


def test_it_says_of_those_who_use_a_voice_only_what_kind_they_are():
    voice = entrusted(scope=factories.EVERYTHING)
    share = shared_with(voice)
    request = synthesis.request_speech(account=share.account, voice=voice, text="Something else.")
    run = Run(queue.claim("gpu", "here"))
    synthesis.start(request)
    synthesis.publish(run, request, MADE)
    html = page(voice)
    assert "An account it is shared with" in html and "and 1 other that it is shared with" in html
    assert "dora@example.org" not in html


def test_a_pause_silences_the_voice_everywhere_at_once_and_what_was_asked_for_is_never_released(voice):
    before = accounts.balance(voice.account)
    waiting, running = standins.asked(voice, "One."), standins.asked(voice, "Two.")
    run = Run(queue.claim("gpu", "here"))
    request = SpeechRequest.objects.get(pk=run.job.subject)
    synthesis.start(request)
    assert "You have paused the voice" in post(voice, "pause").content.decode()
    for lock in (False, True):
        with pytest.raises(ConsentPaused):
            synthesis.require_access(request, lock=lock)
    with pytest.raises(ConsentPaused):
        standins.asked(voice, "Three.")
    with pytest.raises(ConsentEnded):
        synthesis.publish(run, request, MADE)
    assert voice not in access.voices_of(voice.account)
    assert access.standing(voice) == "paused"

    # Let go on a moment later, before any worker has looked: what was asked for before stays unsaid all the same.
    post(voice, "resume")
    with pytest.raises(ConsentPaused):
        synthesis.publish(run, request, MADE)
    later()
    for one in (waiting, running):
        one.refresh_from_db()
        assert (one.status, one.error_code) == (SpeechRequest.Status.FAILED, "consent_paused")
    assert accounts.balance(voice.account) == before
    assert not Output.objects.exists()
    standins.spoken(voice, "Four.")


def test_a_held_script_is_withdrawn_from_the_moderators_by_a_pause(voice):
    request = standins.asked(voice)
    SpeechRequest.objects.filter(pk=request.pk).update(status=SpeechRequest.Status.HELD)
    owning.pause(voice, actor=voice.owner.vault_owner)
    later()
    request.refresh_from_db()
    assert request.status == SpeechRequest.Status.FAILED


def test_nobody_but_the_owner_lets_a_paused_voice_go_on(voice):
    post(voice, "pause")
    later()
    told = [letter for letter in mail.outbox if "paused" in letter.subject]
    assert [letter.to for letter in told] == [[voice.account.email]]
    assert "Alice" not in told[0].body
    client = signed_in(voice.account)
    for name in ("own-portal", "own-pause", "own-resume", "own-copy"):
        for answer in (client.get, client.post):
            assert answer(reverse(f"owners:{name}", args=[voice.pk])).status_code in (404, 405)
    # A moderator who suspends the voice and lifts that again lifts no pause.
    voices.suspend(Voice.objects.get(pk=voice.pk), actor=None, reason="reported")
    voices.restore(Voice.objects.get(pk=voice.pk), actor=None, reason="an appeal succeeded")
    with pytest.raises(ConsentPaused):
        standins.asked(Voice.objects.get(pk=voice.pk))
    # Nor does the owner lift what a moderator suspended.
    voices.suspend(Voice.objects.get(pk=voice.pk), actor=None, reason="reported")
    post(voice, "resume")
    with pytest.raises(ConsentEnded):
        standins.asked(Voice.objects.get(pk=voice.pk))
    html = client.get(reverse("voices:detail", args=[voice.pk])).content.decode()
    assert "suspended" in html


def test_what_was_paused_or_goes_on_already_is_not_twice(voice):
    with pytest.raises(NothingToPause):
        owning.resume(voice, actor="voice-owner:x")
    owning.pause(voice, actor="voice-owner:x")
    with pytest.raises(NothingToPause):
        owning.pause(voice, actor="voice-owner:x")
    assert "nothing to pause" in post(voice, "pause").content.decode()


def test_less_is_allowed_at_once_and_shares_end_with_it():
    voice = entrusted(scope=Scope(True, True, frozenset({"en", "de"}), None))
    share = shared_with(voice)
    request = synthesis.request_speech(
        account=voice.account, voice=voice, text="For money.", purpose="commercial", language="en"
    )
    assert post(voice, "scope", {"languages": ["en"]}).status_code == 200
    granted = voice.invitation.granted
    assert granted == Scope(False, False, frozenset({"en"}), None)
    for options in ({"purpose": "commercial"}, {"language": "de"}):
        with pytest.raises(OutsideScope):
            synthesis.request_speech(account=voice.account, voice=voice, text="More.", **options)
    with pytest.raises(OutsideScope):
        synthesis.require_access(request, lock=True)
    share.refresh_from_db()
    assert (share.status, Narrowing.objects.count(), OwnerConsent.objects.count()) == ("ended", 1, 1)
    assert AuditEvent.objects.filter(event="voices.voiceshare.ended", subject_id=str(share.pk)).exists()
    assert not access.voices_of(share.account).filter(pk=voice.pk).exists()


def test_more_is_allowed_by_a_fresh_signature_only_and_never_more_than_was_asked_for():
    voice = entrusted(
        asked=Scope(True, False, frozenset({"en", "de"}), None), scope=Scope(False, False, frozenset({"en"}), None)
    )
    first = voice.invitation.consent
    with pytest.raises(ScopeNotNarrower):
        owning.narrow(voice, scope=Scope(True, False, frozenset({"en"}), None), actor="voice-owner:x")
    answer = post(voice, "scope", signed(commercial="on", languages=["en", "de"], signature="Somebody Else"))
    assert answer.status_code == 422 and voice.invitation.consent == first
    answer = post(voice, "scope", signed(commercial="on", languages=["en", "de"], agreed=""))
    assert answer.status_code == 422
    post(voice, "scope", signed(commercial="on", languages=["en", "de"]))
    anew = voice.invitation.consent
    assert (anew.scope.commercial, sorted(anew.languages)) == (True, ["de", "en"])
    assert anew.pk != first.pk and OwnerConsent.objects.count() == 2
    record = ConsentRecord.objects.get(voice=voice)
    assert record.owner_consent == first  # the evidence from before stays what it was
    synthesis.request_speech(account=voice.account, voice=voice, text="Mehr.", purpose="commercial", language="de")
    with pytest.raises(GrantTooWide):
        owning.widen(
            voice,
            scope=factories.EVERYTHING,
            actor="voice-owner:x",
            ip_address=None,
            user_agent="",
            agreed=True,
            signature="Alice Baker",
            shown_sha256=anew.text_sha256,
        )


def test_the_owner_has_a_copy_of_the_recordings_while_the_voice_goes_on(voice):
    digests = set(voice.recordings.values_list("sha256", flat=True))
    answer = post(voice, "copy")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        assert {hashlib.sha256(files.read(name)).hexdigest() for name in files.namelist()} == digests
    row = AuditEvent.objects.get(event="takedowns.owner_copy.given")
    assert row.actor == voice.owner.vault_owner
    assert Client().get(f"{link_to(voice)}recordings/").status_code == 405
    standins.spoken(voice)


def test_an_owner_without_account_or_address_revokes_fetches_the_copy_and_the_certificate_by_the_link(voice):
    here = link_to(voice)
    digests = set(voice.recordings.values_list("sha256", flat=True))
    mail.outbox.clear()
    html = post(voice, "end", {"copy": "on", "email": ""}).content.decode()
    voice.refresh_from_db()
    assert (voice.status, voice.consent.status) == ("deleted", "withdrawn")
    assert "being destroyed" in html
    revocation = Revocation.objects.get()
    assert (revocation.by, revocation.copy_wanted) == ("voice_owner", True)
    later()
    html = Client().get(here).content.decode()
    assert "Your copy waits for you" in html
    archive = Client().post(re.search(r"/copies/[^\"]+", html)[0]).content
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert {hashlib.sha256(files.read(name)).hexdigest() for name in files.namelist()} == digests
    fetched_at = Revocation.objects.get().copy_fetched_at
    cascade.go_on(Revocation.objects.get(), at=fetched_at + timedelta(days=1))
    html = Client().get(here).content.decode()
    assert "Certificate of destruction" in html and "to come" not in html
    assert "There is no voice of yours here any more" in html
    later()
    assert {address for letter in mail.outbox for address in letter.to} == {voice.account.email}
    assert all("Alice" not in letter.body for letter in mail.outbox)
    assert Client().get(f"{here}end/").status_code == 302


def test_an_owner_who_gives_an_address_is_told_there(voice):
    post(voice, "end", {"copy": "on", "email": "alice@example.org"})
    later()
    assert [letter.to for letter in mail.outbox if "copy" in letter.subject] == [["alice@example.org"]]


def test_a_revocation_ends_the_shares_on_record():
    voice = entrusted(scope=factories.EVERYTHING)
    share = shared_with(voice)
    takedowns.revoke(voice, by="voice_owner", actor=None, reason="no more")
    share.refresh_from_db()
    assert share.status == VoiceShare.Status.ENDED and share.ended_at
    row = AuditEvent.objects.get(event="voices.voiceshare.ended", subject_id=str(share.pk))
    assert row.actor == voice.owner.vault_owner


def test_an_account_holder_has_the_same_of_their_own_voice(client):
    voice = standins.active_voice()
    standins.spoken(voice)
    client = signed_in(voice.account)
    here = reverse("owners:own-portal", args=[voice.pk])
    assert here in client.get(reverse("voices:detail", args=[voice.pk])).content.decode()
    html = client.get(here).content.decode()
    assert "It spoke 1 time" in html and "Change what I allow" not in html
    assert reverse("takedowns:withdraw", args=[voice.pk]) in html
    mail.outbox.clear()
    client.post(reverse("owners:own-pause", args=[voice.pk]))
    later()
    assert mail.outbox == []  # they did it themselves
    with pytest.raises(ConsentPaused):
        standins.asked(voice)
    assert "You have paused this voice" in client.get(reverse("voices:detail", args=[voice.pk])).content.decode()
    assert "Paused" in client.get(reverse("voices:list")).content.decode()
    client.post(reverse("owners:own-resume", args=[voice.pk]))
    assert client.post(reverse("owners:own-copy", args=[voice.pk]))["Content-Type"] == "application/zip"
    standins.spoken(voice)
    assert signed_in(factories.make_user()).get(here).status_code == 404


def test_where_nothing_was_recorded_a_voice_ends_without_a_word_and_without_a_certificate():
    declined = factories.entrusted_voice()
    mail.outbox.clear()
    invitations.decline(factories.invite(declined))
    later()
    assert [letter.subject for letter in mail.outbox] == ["Velluto: your invitation was declined"]
    assert not Revocation.objects.exists()
    expired = factories.entrusted_voice(declined.account)
    factories.invite(expired, at=timezone.now() - timedelta(days=15))
    takedowns.revoke(expired, by="account", actor=expired.account, reason="nobody answered")
    later()
    assert len(mail.outbox) == 1
    for voice in (declined, expired):
        with pytest.raises(vault.KeyDestroyed):
            vault.seal(voice.owner.vault_owner, "x", "y", b"z")
    html = signed_in(declined.account).get(reverse("voices:detail", args=[declined.pk])).content.decode()
    assert "No voice is made" in html and "certificate" not in html
