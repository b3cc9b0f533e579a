"""Whose voice comes back: under another account a moderator sees it, after a termination the custodians do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import sanctions
from accounts.models import Sanction, User
from moderation import registry
from moderation.models import Case, NoGoEntry, NoGoMatch, NoGoVoiceprint
from moderation.policies import DISGUISES
from moderation.refusals import CheckPending
from moderation.services import nogo, returning
from takedowns import services as takedowns
from tests import factories
from tests.accounts.factories import make_user
from tests.consent.test_nogo import compare_all, custodian, settle
from velluto import jobs, vault
from velluto.audit.models import AuditEvent
from voices.models import Resemblance, Voice, Voiceprint

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def terminated(name: str = "Alice Baker") -> User:
    """Return a terminated account that had a voice of its own; what follows is done."""
    account = factories.voice_at("representations", make_user(full_name=name)).account
    assert account is not None
    sanctions.terminate(account, section="9", reason="Fraud.", actor=factories.moderator())
    jobs.drain()
    return account


def remembered() -> NoGoEntry:
    return NoGoEntry.objects.get(source="return")


def test_a_voice_that_another_account_has_is_shown_to_the_moderator_and_comes_sooner():
    there = factories.voice_at("representations", make_user(full_name="Alice Baker"))
    voice = factories.voice_at("review", make_user(full_name="Winifred Quill"))
    case = Case.objects.about(voice).get()
    assert case.severity == Case.Severity.RAISED
    shown = registry.question(case.kind).dossier(case)["alike"]
    assert [(one.other, one.score > 0.99) for one in shown] == [(there, True)]
    client = Client()
    client.force_login(factories.moderator())
    page = client.get(reverse("admin:moderation_case_change", args=[case.pk])).content.decode()
    assert "Other accounts have a voice like this" in page
    assert AuditEvent.objects.get(event="voices.voice.resembles").subject_id == str(voice.pk)


def test_ones_own_other_voices_and_what_has_ended_are_no_news():
    account, other = make_user(full_name="Alice Baker"), make_user(full_name="Winifred Quill")
    ended = factories.voice_at("representations", other)
    factories.voice_at("representations", account, "A first one")
    voice = factories.voice_at("review", account, "A second one")
    case = Case.objects.about(voice).get()
    assert [one.other for one in registry.question(case.kind).dossier(case)["alike"]] == [ended]
    takedowns.revoke(ended, by="uploader", actor=other, reason="enough")
    assert not registry.question(case.kind).dossier(case)["alike"]
    jobs.drain()
    assert not Resemblance.objects.exists()


def test_a_terminated_persons_voice_is_destroyed_but_for_a_voiceprint_under_a_key_of_its_own():
    account = terminated()
    entry = remembered()
    assert not Voiceprint.objects.exists()
    assert (entry.former, entry.voiceprints.count()) == (account, len(DISGUISES))
    assert nogo.read(entry, actor=custodian()) == {"names": [], "note": f"account {account.pk}"}
    assert nogo.look_up("Alice Baker", actor=custodian()) == []  # the name says nothing of the voice


def test_who_comes_back_under_another_name_is_held_for_the_custodians_and_told_nothing():
    terminated()
    mail.outbox.clear()
    voice = factories.voice_at("review", make_user(full_name="Winifred Quill"))
    match = NoGoMatch.objects.get()
    case = Case.every.about(match).get()
    assert case.title == "The voice of a terminated account"
    assert case not in Case.objects.all()
    with pytest.raises(CheckPending):
        factories.decide(voice, "approve")
    assert not Resemblance.objects.exists()
    settle(match, "confirm")
    jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.REFUSED
    said = " ".join(message.body for message in mail.outbox).lower()
    assert "terminated" not in said
    assert "list" not in said


def test_a_voice_of_somebody_else_is_not_held_against_who_uploaded_it():
    voice = factories.voice_at("captcha", voice=factories.entrusted_voice())
    sanctions.terminate(voice.account, section="9", reason="Fraud.", actor=factories.moderator())
    jobs.drain()
    assert not NoGoEntry.objects.exists()


def test_the_voiceprint_is_destroyed_when_its_time_is_over(settings):
    terminated()
    entry = remembered()
    assert entry.expires_at is not None
    before = entry.expires_at - timedelta(seconds=1)
    assert returning.expire(at=before) == 0
    assert returning.expire(at=entry.expires_at) == 1
    assert vault.is_destroyed(entry.vault_owner)
    assert not NoGoVoiceprint.objects.exists()
    entry.refresh_from_db()
    assert (entry.status, entry.former) == ("retired", None)
    assert "destroyed" in nogo.read(entry, actor=custodian())["note"]
    compare_all()
    factories.voice_at("review", make_user(full_name="Winifred Quill"))
    assert not NoGoMatch.objects.exists()


def test_a_termination_that_is_lifted_takes_the_voiceprint_along():
    account = terminated()
    sanction = Sanction.objects.get(account=account)
    sanctions.lift(sanction, actor=factories.moderator(), reason="the appeal succeeded")
    assert returning.expire(at=timezone.now()) == 1
    assert not NoGoVoiceprint.objects.exists()
    sanctions.terminate(User.objects.get(pk=account.pk), section="9", reason="Again.", actor=factories.moderator())
    jobs.drain()  # there is no voice any more, and nothing to remember
    assert not NoGoVoiceprint.objects.exists()


def test_where_the_operator_keeps_none_none_is_kept(settings):
    settings.FORMER_VOICEPRINT_DAYS = 0
    terminated()
    assert not NoGoEntry.objects.exists()
