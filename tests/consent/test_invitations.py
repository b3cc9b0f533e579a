"""Somebody else's voice: invited, told, signed, then recorded; each by the hand it belongs to, and no further."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.refusals import AccountSuspended
from consent import invitations, refusals, services, steps
from consent.models import ConsentRecord, Invitation, OwnerConsent, OwnerLink
from consent.policies import INVITATION_LASTS, Scope, no_more_than, within_scope
from moderation.models import Case
from tests import factories
from velluto import jobs, vault
from velluto.audit.models import AuditEvent
from velluto.errors import Refusal
from velluto.transitions import move
from voices.models import Recording, Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

INVITATION, RECEIPT = OwnerLink.Purpose.INVITATION, OwnerLink.Purpose.RECEIPT
TODAY = date(2026, 11, 21)


def token_of(link: OwnerLink) -> str:
    return invitations.address(link).rstrip("/").rpartition("/")[2]


def receipt_of(voice: Voice) -> str:
    return token_of(OwnerLink.objects.get(invitation__voice=voice, purpose=RECEIPT))


# ---------------------------------------------------------------------------------------------------- the scope
ALL = Scope(commercial=True, sharing=True, languages=frozenset(), until=None)


@pytest.mark.parametrize(
    ("scope", "purpose", "language", "on", "covered"),
    [
        (ALL, "commercial", "xx", date(2100, 1, 1), True),
        (Scope(False, False, frozenset(), None), "own", "en", TODAY, True),
        (Scope(False, False, frozenset(), None), "commercial", "en", TODAY, False),
        (ALL, "resale", "en", TODAY, False),
        (Scope(True, False, frozenset({"en"}), None), "own", "en-GB", TODAY, True),
        (Scope(True, False, frozenset({"en-GB"}), None), "own", "en", TODAY, False),
        (Scope(True, False, frozenset({"en", "de"}), None), "own", "fr", TODAY, False),
        (Scope(True, False, frozenset(), TODAY), "own", "en", TODAY, True),
        (Scope(True, False, frozenset(), TODAY), "own", "en", TODAY + timedelta(days=1), False),
    ],
)
def test_a_scope_covers_purpose_language_and_day_to_its_last(scope, purpose, language, on, covered):
    assert within_scope(scope, purpose=purpose, language=language, on=on) is covered


@pytest.mark.parametrize(
    ("granted", "asked", "fits"),
    [
        (ALL, ALL, True),
        (Scope(False, False, frozenset({"en"}), TODAY), ALL, True),
        (Scope(True, False, frozenset(), None), Scope(False, False, frozenset(), None), False),
        (Scope(False, True, frozenset(), None), Scope(True, False, frozenset(), None), False),
        (ALL, Scope(True, True, frozenset({"en"}), None), False),
        (Scope(True, True, frozenset({"en", "de"}), None), Scope(True, True, frozenset({"en"}), None), False),
        (ALL, Scope(True, True, frozenset(), TODAY), False),
        (Scope(True, True, frozenset(), TODAY + timedelta(days=1)), Scope(True, True, frozenset(), TODAY), False),
        (Scope(True, True, frozenset(), TODAY), Scope(True, True, frozenset(), TODAY), True),
    ],
)
def test_what_is_granted_is_never_more_than_what_was_asked_for(granted, asked, fits):
    assert no_more_than(granted, asked) is fits


# ---------------------------------------------------------------------------------------------------- the order
def test_the_owner_consents_before_anything_is_handed_in_and_the_evidence_shows_it():
    voice = factories.entrusted_voice()
    for early in (
        lambda: services.hand_in_sample(voice, factories.sample(), actor=voice.account),
        lambda: factories.represent(voice),
        lambda: services.show_phrase(voice, actor=voice.owner.vault_owner),
    ):
        with pytest.raises(refusals.WrongStep):
            early()
    factories.voice_at("captcha", voice=voice)
    record = ConsentRecord.objects.select_related("owner_consent__attestation", "owner_consent__invitation").get()
    signed = record.owner_consent
    assert signed.explicit and signed.specific and signed.informed and signed.revocable and signed.written
    assert signed.text_sha256 == signed.attestation.sha256
    assert "Voice Model" in signed.attestation.text and "withdraw at any time" in signed.attestation.text
    assert (signed.ip_address, signed.user_agent, signed.signature) == ("198.51.100.9", "a phone", "Alice Baker")
    received = Recording.objects.get(voice=voice).received_at
    assert signed.invitation.invited_at < signed.signed_at < received < record.given_at


def test_a_recording_dated_before_the_consent_is_refused():
    voice = factories.voice_at("sample", voice=factories.entrusted_voice())
    signed = OwnerConsent.objects.get()
    with factories.measured_once(), pytest.raises(refusals.SampleBeforeConsent):
        services.hand_in_sample(voice, factories.sample(), actor=voice.account, at=signed.signed_at)
    assert not Recording.objects.exists()


def test_one_attribute_short_is_no_consent():
    link = factories.invite(factories.entrusted_voice())
    factories.grant(link)
    for name in ("explicit", "specific", "informed", "revocable", "written", "adult_confirmed"):
        with pytest.raises(IntegrityError), transaction.atomic():
            OwnerConsent.objects.update(**{name: False})
    with pytest.raises(TypeError):
        OwnerConsent.objects.get().save()


def test_each_takes_their_own_steps_and_nobody_the_others():
    voice = factories.voice_at("representations", voice=factories.entrusted_voice())
    owner = voice.owner.vault_owner
    text = services.attestation("representations")
    given = {"ticked": True, "shown_sha256": text.sha256, "ip_address": None, "user_agent": ""}
    with pytest.raises(refusals.AccountsStep):
        services.represent(voice, actor=owner, **given)
    factories.represent(voice)
    with pytest.raises(refusals.OwnersStep):
        services.show_phrase(voice, actor=voice.account)
    challenge = services.show_phrase(voice, actor=owner)
    with pytest.raises(refusals.OwnersStep):
        services.answer_phrase(challenge, factories.sample(), actor=voice.account)
    challenge.refresh_from_db()
    assert challenge.status == "shown"
    factories.voice_at("statement", voice=voice)
    with pytest.raises(refusals.OwnersStep):
        services.hand_in_statement(voice, factories.sample(), on=timezone.localdate(), actor=voice.account)


def test_when_all_is_done_a_moderator_sees_what_was_asked_told_and_allowed(client, settings):
    from consent import decisions

    asked = Scope(commercial=True, sharing=True, languages=frozenset({"en", "de"}), until=date(2030, 1, 1))
    voice = factories.entrusted_voice()
    granted = Scope(commercial=False, sharing=False, languages=frozenset({"en"}), until=date(2029, 1, 1))
    factories.grant(factories.invite(voice, scope=asked), scope=granted)
    factories.voice_at("review", voice=voice)
    assert steps.next_step(voice) is None
    dossier = decisions.dossier(Case.objects.about(voice).get())
    assert dossier["invitation"].consent.signature == "Alice Baker"
    assert dossier["scope"] == [
        ("Use", "own and commercial", "own"),
        ("Sharing", "with other accounts", "no"),
        ("Languages", "English, German", "English"),
        ("Last day", "1 Jan 2030", "1 Jan 2029"),
    ]
    assert dossier["same_device"] is False


def test_a_moderator_is_warned_where_one_device_did_both_parts():
    from consent import decisions

    voice = factories.entrusted_voice()
    factories.grant(factories.invite(voice), ip_address="192.0.2.7", user_agent="a browser")
    factories.voice_at("review", voice=voice)
    assert decisions.dossier(Case.objects.about(voice).get())["same_device"] is True


# ---------------------------------------------------------------------------------------------------- the links
def test_a_link_works_for_14_days_and_the_database_does_not_know_its_token():
    now = timezone.now()
    link = factories.invite(factories.entrusted_voice(), at=now)
    token = token_of(link)
    assert len(token) >= 43  # 256 bits in base64
    assert token.encode() not in bytes(OwnerLink.objects.get().sealed)
    assert token not in str(OwnerLink.objects.values().get())
    last = now + INVITATION_LASTS - timedelta(seconds=1)
    assert invitations.follow(token, INVITATION, at=last) == link
    with pytest.raises(refusals.OwnerLinkUnknown):
        invitations.follow(token, INVITATION, at=now + INVITATION_LASTS)
    with pytest.raises(refusals.OwnerLinkUnknown):
        invitations.follow(token, RECEIPT)
    with pytest.raises(refusals.OwnerLinkUnknown):
        invitations.follow(token[:-1], INVITATION)


def test_sent_again_the_former_link_is_dead():
    voice = factories.entrusted_voice()
    old = token_of(factories.invite(voice))
    new = token_of(invitations.invite_again(voice, actor=voice.account))
    with pytest.raises(refusals.OwnerLinkUnknown):
        invitations.follow(old, INVITATION)
    assert invitations.follow(new, INVITATION).invitation.voice == voice
    assert bytes(OwnerLink.objects.get(status="revoked").sealed) == b""


def test_an_invitation_dies_with_its_voice_and_the_receipt_does_not():
    voice = factories.entrusted_voice()
    link = factories.invite(voice)
    token = token_of(link)
    factories.grant(link)
    receipt = receipt_of(voice)
    services.withdraw(voice, actor=voice.account, reason="given up")
    jobs.drain()
    with pytest.raises(refusals.OwnerLinkUnknown):
        invitations.follow(token, INVITATION)
    assert invitations.follow(receipt, RECEIPT).invitation.voice.status == Voice.Status.DELETED


def test_ten_invitations_a_day_are_enough():
    voice = factories.entrusted_voice()
    now = timezone.now()
    factories.invite(voice, at=now)
    for _ in range(9):
        invitations.invite_again(voice, actor=voice.account, at=now)
    with pytest.raises(refusals.TooManyInvitations):
        invitations.invite_again(voice, actor=voice.account, at=now)
    with pytest.raises(refusals.TooManyInvitations):
        factories.invite(factories.entrusted_voice(voice.account), at=now)
    invitations.invite_again(voice, actor=voice.account, at=now + timedelta(days=1))


def test_the_owner_is_written_to_at_each_turn_and_whoever_asked_learns_the_answer():
    voice = factories.entrusted_voice()
    link = factories.invite(voice, email="alice@example.org")
    token = token_of(link)
    jobs.drain()
    (asks,) = mail.outbox
    assert asks.to == ["alice@example.org"]
    assert token in asks.body and "To read my book aloud." in asks.body
    factories.grant(link)
    jobs.drain()
    (to_account,) = (one for one in mail.outbox if one.to == [voice.account.email])
    assert "has agreed in writing" in to_account.body
    assert receipt_of(voice) in mail.outbox[-1].body + mail.outbox[-2].body
    factories.voice_at("captcha", voice=voice)
    assert mail.outbox[-1].subject == "Velluto: it is your turn"
    assert token in mail.outbox[-1].body
    told = " ".join(f"{event.data} {event.reason}" for event in AuditEvent.objects.all())
    assert not any(secret in told for secret in ("alice@", "Alice", "my book", token))


def test_an_expired_link_is_not_mailed():
    voice = factories.entrusted_voice()
    factories.grant(factories.invite(voice, email="alice@example.org"))
    jobs.drain()
    OwnerLink.objects.filter(purpose=INVITATION).update(expires_at=timezone.now())
    mail.outbox.clear()
    factories.voice_at("captcha", voice=voice)
    assert mail.outbox == []


# ---------------------------------------------------------------------------------------------------- the answer
def test_a_refusal_is_final_ends_the_voice_and_gives_no_reason():
    voice = factories.entrusted_voice()
    link = factories.invite(voice, email="alice@example.org")
    invitations.decline(link)
    jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.DELETED
    with pytest.raises(refusals.InvitationAnswered):
        factories.grant(link)
    with pytest.raises(refusals.InvitationAnswered):
        invitations.decline(link)
    with pytest.raises(refusals.GateClosed):
        invitations.invite_again(voice, actor=voice.account)
    told = [one for one in mail.outbox if one.to == [voice.account.email]]
    assert told[0].subject == "Velluto: your invitation was declined"
    assert not any(word in one.body for one in told for word in ("under 18", "alice@example.org"))
    assert Invitation.objects.get().email == ""
    with pytest.raises(vault.KeyDestroyed):
        invitations.address(link)


def test_a_minor_is_refused_and_the_account_learns_no_more_than_of_any_refusal():
    voice = factories.entrusted_voice()
    link = factories.invite(voice)
    today = timezone.localdate()
    with pytest.raises(refusals.OwnerBelow18):
        factories.grant(link, born_on=date(today.year - 17, 1, 1))
    jobs.drain()
    assert not OwnerConsent.objects.exists()
    assert Invitation.objects.get().status == "declined"
    assert AuditEvent.objects.get(event="consent.invitation.declined").reason == "the Voice Owner is under 18"
    assert "18" not in mail.outbox[0].body
    with pytest.raises(refusals.InvitationAnswered):
        factories.grant(link)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"agreed": False}, refusals.NotSigned),
        ({"signature": "Somebody Else"}, refusals.NotSigned),
        ({"shown_sha256": "0" * 64}, refusals.RepresentationsChanged),
        ({"scope": ALL}, refusals.GrantTooWide),
    ],
)
def test_what_is_not_signed_as_it_stands_is_no_consent(given: dict, refusal: type[Refusal]):
    voice = factories.entrusted_voice()
    link = factories.invite(voice, scope=factories.OWN_USE)
    with pytest.raises(refusal):
        factories.grant(link, **given)
    assert not OwnerConsent.objects.exists()
    factories.grant(link, signature="  alice   BAKER ")
    assert OwnerConsent.objects.get().signature == "alice BAKER"
    with pytest.raises(refusals.InvitationAnswered):
        factories.grant(link)


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"reason": "  "}, refusals.InvitationUnsuitable),
        ({"scope": Scope(False, False, frozenset({"tlh"}), None)}, refusals.InvitationUnsuitable),
        ({"scope": Scope(False, False, frozenset(), date(2020, 1, 1))}, refusals.InvitationUnsuitable),
    ],
)
def test_an_invitation_says_what_for_in_which_languages_and_until_when(options: dict, refusal: type[Refusal]):
    voice = factories.entrusted_voice()
    with pytest.raises(refusal):
        factories.invite(voice, **options)
    with pytest.raises(refusal):
        factories.invite(voice, email=voice.account.email.upper())
    factories.invite(voice)
    with pytest.raises(refusals.AlreadyInvited):
        factories.invite(voice)


def test_of_ones_own_voice_there_is_nobody_to_invite():
    with pytest.raises(refusals.WrongStep):
        factories.invite(factories.declared_voice())


def test_a_suspended_account_invites_nobody():
    voice = factories.entrusted_voice()
    move(voice.account, "suspended", actor=None, reason="for the test")
    with pytest.raises(AccountSuspended):
        factories.invite(voice)
