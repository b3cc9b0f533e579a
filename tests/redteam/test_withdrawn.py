"""An uploader who will not let go: the Voice Owner has withdrawn, and he tries every way to keep the voice speaking."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from unittest import mock

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from consent import invitations, refusals
from consent import services as consent
from consent.models import ConsentRecord, OwnerLink
from consent.owning import services as owning
from synthesis import making
from synthesis import services as synthesis
from synthesis.models import Output, SpeechRequest
from synthesis.refusals import OutputDeleted
from takedowns import services as takedowns
from takedowns.refusals import VoiceEnded
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.consent.test_invitations import token_of
from tests.consent.test_pages import signed_in
from velluto import jobs, links, vault
from velluto.transitions import TransitionRefused, move
from voices import services as voices
from voices.models import Voice, Voiceprint
from voices.refusals import VoiceUnknown

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def voice(db) -> Voice:
    """Return Alice's voice, which Carol made with her permission; both may share it."""
    theirs = factories.entrusted_voice()
    factories.grant(factories.invite(theirs), scope=factories.EVERYTHING)
    standins.through_the_gate(theirs)
    return theirs


def withdraw(voice: Voice) -> None:
    """Withdraw as the Voice Owner does, by the private link."""
    receipt = OwnerLink.objects.get(invitation__voice=voice, purpose=OwnerLink.Purpose.RECEIPT)
    owner = invitations.follow(token_of(receipt), receipt.purpose)
    consent.withdraw(owner.invitation.voice, actor=voice.owner.vault_owner, reason="withdrawn by the Voice Owner")


def test_what_he_queued_held_and_shared_before_says_nothing_after_and_he_gets_his_credits_back(voice: Voice):
    friend = make_user()
    voices.share(voice, email=friend.email, agreed=True, actor=voice.account)
    credits = {person: accounts.balance(person) for person in (voice.account, friend)}
    threat = "If you talk to the police I will kill you and your children."
    waiting = [
        standins.asked(voice),
        synthesis.request_speech(account=voice.account, voice=voice, text=threat, ask_a_person=True),
        synthesis.request_speech(account=friend, voice=voice, text="From a friend."),
    ]
    assert [one.status for one in waiting] == ["queued", "held", "queued"]
    withdraw(voice)
    with standins.speech_at_once():
        standins.drain()
    for one in waiting:
        one.refresh_from_db()
        assert (one.status, one.error_code) == ("failed", "consent_ended")
    assert not Output.objects.exists()
    assert {person: accounts.balance(person) for person in credits} == credits


@pytest.mark.parametrize("moment", ["speak", "finish"])
def test_what_is_being_spoken_at_that_moment_is_not_published(voice: Voice, moment: str):
    request = standins.asked(voice)
    with standins.speech_at_once():
        done = getattr(making, moment)

        def meanwhile(*args: object, **options: object) -> object:
            withdraw(Voice.objects.get(pk=voice.pk))
            return done(*args, **options)

        with mock.patch.object(making, moment, meanwhile):
            jobs.drain()
    request.refresh_from_db()
    assert (request.status, Output.objects.exists()) == ("failed", False)


def test_he_asks_again_by_page_and_by_hand_for_himself_and_through_a_friend(voice: Voice):
    friend = make_user()
    voices.share(voice, email=friend.email, agreed=True, actor=voice.account)
    withdraw(voice)
    client = signed_in(voice.account)
    form = {"voice": str(voice.pk), "text": "Once more.", "language": "en", "pace": "1.0", "format": "wav"}
    assert client.post("/speak/", form).status_code in (404, 409, 422)
    for person, refused in ((voice.account, refusals.ConsentEnded), (friend, (VoiceUnknown, refusals.ConsentEnded))):
        with pytest.raises(refused):
            synthesis.request_speech(account=person, voice=voice, text="Once more.")
    assert not SpeechRequest.objects.exists()


def test_he_tries_to_bring_the_voice_back_and_the_recordings_are_gone(voice: Voice):
    recording = voice.recordings.first()
    artefact = voice.artefact
    withdraw(voice)
    standins.drain()
    voice.refresh_from_db()
    for status in (Voice.Status.ACTIVE, Voice.Status.BUILDING, Voice.Status.DRAFT, Voice.Status.REVIEW):
        with pytest.raises(TransitionRefused):
            move(voice, status, actor=voice.account)
    with pytest.raises(TransitionRefused):
        record = ConsentRecord.objects.get(voice=voice)
        move(record, ConsentRecord.Status.IN_FORCE, actor=voice.account)
    for name, purpose in ((recording.object, recording.vault_purpose), (artefact, voices.ARTEFACT)):
        with pytest.raises(vault.VaultError):
            vault.read(name, owner=voice.owner.vault_owner, purpose=purpose)
    assert not Voiceprint.objects.filter(recording__voice=voice).exists()


def test_he_cannot_lift_her_pause_nor_allow_himself_more(voice: Voice):
    with standins.speech_at_once():
        request = standins.asked(voice)
        owning.pause(voice, actor=voice.owner.vault_owner)
        standins.drain()
    request.refresh_from_db()
    assert (request.status, Output.objects.exists()) == ("failed", False)
    client = signed_in(voice.account)
    for page in ("own-resume", "own-pause", "own-copy"):
        assert client.post(reverse(f"owners:{page}", args=[voice.pk])).status_code == 404
    private = token_of(OwnerLink.objects.get(invitation__voice=voice, purpose=OwnerLink.Purpose.RECEIPT))
    for page in ("resume", "scope", "copy"):
        assert client.post(reverse(f"owners:{page}", args=[private])).status_code == 403
    assert ConsentRecord.objects.get(voice=voice).status == ConsentRecord.Status.PAUSED


def test_he_invites_the_same_person_anew_and_nothing_of_the_old_consent_counts(voice: Voice):
    withdraw(voice)
    with pytest.raises(refusals.GateClosed):
        invitations.invite_again(voice, actor=voice.account)
    anew = factories.entrusted_voice(voice.account)
    with pytest.raises(refusals.WrongStep):
        consent.hand_in_sample(anew, io.BytesIO(b""), actor=voice.account)
    assert anew.owner_id != voice.owner_id
    assert not ConsentRecord.objects.filter(voice=anew).exists()


def test_he_cancels_the_end_by_ending_it_first(voice: Voice):
    """He deletes the voice himself with a slower end in mind; hers comes second and changes nothing for the worse."""
    revocation = takedowns.revoke(voice, by="account", actor=voice.account, reason="mine")
    with pytest.raises(VoiceEnded):
        takedowns.revoke(voice, by="account", actor=voice.account, reason="again")
    standins.drain()
    revocation.refresh_from_db()
    assert revocation.status == "done"


def test_a_link_to_sound_that_he_gave_away_opens_for_nobody_else_and_ends_with_the_thirty_days(voice: Voice):
    speech = standins.spoken(voice)
    address = links.to(f"/speech/{speech.pk}/audio/", account=voice.account.pk)
    withdraw(voice)
    standins.drain()
    assert Client().get(address).status_code == 302
    assert signed_in(make_user()).get(address).status_code == 404
    own = signed_in(voice.account).get(address)
    assert own.status_code == 200  # what was delivered before stays his, for thirty days
    b"".join(own.streaming_content)
    synthesis.sweep_outputs()  # as the worker does every five minutes
    speech.output.refresh_from_db()
    later = timezone.now() + timedelta(days=30, minutes=1)
    assert speech.output.delete_after <= later
    with pytest.raises(OutputDeleted):
        synthesis.open_output(speech.output, actor=voice.account, at=later)


@pytest.mark.xfail(strict=True, reason="did not hold: a file once downloaded is his; the detector tells of it")
def test_a_file_that_he_downloaded_before_stops_playing(voice: Voice):
    speech = standins.spoken(voice)
    with synthesis.open_output(speech.output, actor=voice.account) as stream:
        kept = stream.read()
    withdraw(voice)
    standins.drain()
    assert not kept


def test_he_never_learns_where_she_is_from_what_the_house_tells_him(voice: Voice):
    mail.outbox.clear()
    withdraw(voice)
    standins.drain()
    told = [letter for letter in mail.outbox if letter.to == [voice.account.email]]
    assert told
    assert not any(re.search(r"/(my-voice|invitation)/[\w-]{30,}", letter.body) for letter in told)
    assert User.objects.get(pk=voice.account.pk).status == "active"
