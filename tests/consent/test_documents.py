"""Signed documents are taken in whole, kept sealed, read on record, and outlive what they allowed."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts import sanctions
from consent import services as consent
from consent.documents import policies, refusals, services
from consent.models import Document
from takedowns import services as takedowns
from tests import factories, standins
from tests.audio.sounds import a_melody
from tests.consent import papers
from velluto import links, vault
from velluto.audit.models import AuditEvent
from velluto.vault.models import VaultObject
from voices import services as voices
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
GIF = b"GIF89a" + b"\x00" * 40
PNG = papers.picture("PNG")
JPEG = papers.picture("JPEG")


@pytest.fixture
def voice(db) -> Voice:
    return factories.declared_voice()


@pytest.mark.parametrize(
    ("content", "type_"), [(papers.pdf(), "pdf"), (PNG, "png"), (JPEG, "jpg"), (JPEG + b"a phone's own notes", "jpg")]
)
def test_a_document_is_known_by_its_content_and_kept_byte_for_byte(voice, content, type_):
    document = papers.kept(voice, content=content)
    assert (document.type, document.size) == (type_, len(content))
    assert services.read_document(document, actor=factories.moderator()) == content
    assert services.signer_of(document) == "Alice Baker"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", refusals.DocumentEmpty),
        (GIF, refusals.DocumentTypeUnknown),
        (b"<html><script>alert(1)</script></html>", refusals.DocumentTypeUnknown),
        (b" " + papers.pdf(), refusals.DocumentTypeUnknown),
        (b"PK\x03\x04" + papers.pdf(), refusals.DocumentTypeUnknown),
        (papers.pdf()[:-30], refusals.DocumentBroken),
        (b"%PDF-1.7\n%%EOF", refusals.DocumentBroken),
        (PNG[:-1], refusals.DocumentBroken),
        (PNG + b"<html>", refusals.DocumentBroken),
        (PNG[:40] + bytes([PNG[40] ^ 1]) + PNG[41:], refusals.DocumentBroken),
        (PNG[:8], refusals.DocumentBroken),
        (JPEG[:-2], refusals.DocumentBroken),
        (b"\xff\xd8\xff\xd9", refusals.DocumentBroken),
        (papers.pdf() + b"0" * policies.LARGEST, refusals.DocumentTooLarge),
    ],
)
def test_what_is_no_whole_document_is_refused_by_name_and_leaves_nothing(voice, content, refusal):
    objects = VaultObject.objects.count()
    with pytest.raises(refusal):
        papers.kept(voice, content=content)
    assert VaultObject.objects.count() == objects
    assert not Document.objects.exists()


def test_who_signed_and_when_is_asked_for(voice):
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(refusals.DocumentUnsigned):
        papers.kept(voice, signer="  ")
    with pytest.raises(refusals.DocumentDateInFuture):
        papers.kept(voice, signed_on=tomorrow)


def test_a_permission_is_signed_by_the_day_of_the_first_recording(voice):
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    voices.keep_recording(voice, purpose="sample", audio=a_melody(0.2), received_at=at, actor=voice.account)
    papers.kept(voice, signed_on=date(2026, 3, 2))
    for kind in policies.BEFORE_UPLOAD:
        with pytest.raises(refusals.DocumentAfterRecording):
            papers.kept(voice, kind=kind, signed_on=date(2026, 3, 3))
    papers.kept(voice, kind=Document.Kind.AUTHORITY, signed_on=date(2026, 3, 3))


def test_the_account_hands_it_in_or_the_voice_owner_and_nobody_else():
    voice = factories.entrusted_voice()
    assert papers.kept(voice).account == voice.account
    assert papers.kept(voice, content=PNG, actor=voice.owner.vault_owner).account is None
    for stranger in (factories.make_user(), "voice-owner:another"):
        with pytest.raises(refusals.DocumentNotYours):
            papers.kept(voice, content=JPEG, actor=stranger)


def test_the_same_file_is_taken_once_and_a_dozen_are_enough(voice, monkeypatch):
    papers.kept(voice)
    with pytest.raises(refusals.DocumentKnown):
        papers.kept(voice)
    monkeypatch.setattr(policies, "MOST", 2)
    papers.kept(voice, content=papers.pdf("another"))
    with pytest.raises(refusals.TooManyDocuments):
        papers.kept(voice, content=papers.pdf("a third"))


def test_who_may_downloads_it_on_record_and_no_browser_shows_it(voice, client):
    document, reader = papers.kept(voice, content=papers.pdf("<script>")), factories.moderator()
    path = f"/admin/consent/document/{document.pk}/file/"
    client.force_login(reader)
    answer = client.get(links.to(path, account=reader.pk))
    assert answer.content == papers.pdf("<script>")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="consent-{str(document.pk)[:8]}.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert AuditEvent.objects.get(event="consent.document.read").actor == f"account:{reader.pk}"
    assert client.get(path).status_code == 403, "an address from a log opens nothing"
    auditor = factories.moderator(role="auditor")
    client.force_login(auditor)
    assert client.get(links.to(path, account=auditor.pk)).status_code == 403
    assert AuditEvent.objects.filter(event="consent.document.read").count() == 1


def test_a_person_verifies_or_refuses_it_but_not_for_a_voice_of_their_own(voice):
    document, judge = papers.kept(voice), factories.moderator()
    services.verify_document(document, actor=judge, reason="The notary answers to it.")
    services.refuse_document(document, actor=judge, reason="The notary denies it.")
    assert (document.status, document.judged_by) == (Document.Status.REFUSED, judge)
    with pytest.raises(refusals.OwnDocument):
        services.verify_document(document, actor=voice.account, reason="It is mine.")


def test_it_outlives_a_withdrawal_until_its_last_day_and_a_hold_outlives_that():
    voice = standins.voice_in_review()
    document, content = papers.kept(voice, signed_on=timezone.localdate()), papers.pdf()
    takedowns.revoke(voice, by="account", actor=voice.account, reason="So")
    standins.drain()
    assert vault.is_destroyed(voice.owner.vault_owner)
    assert services.read_document(document, actor=factories.moderator()) == content
    assert document.retain_until == policies.retain_until(timezone.localdate())
    last_day = timezone.now() + (document.retain_until - timezone.localdate())
    with pytest.raises(refusals.DocumentRetained):
        services.end_evidence(voice, at=last_day)
    after = last_day + timedelta(days=1)
    hold = sanctions.note(voice.account, kind="hold", section="9", reason="A court", actor=factories.moderator())
    with pytest.raises(refusals.DocumentRetained):
        services.end_evidence(voice, at=after)
    sanctions.lift(hold, actor=factories.moderator(), reason="It is over")
    services.end_evidence(voice, at=after)
    document.refresh_from_db()
    assert document.status == Document.Status.DESTROYED
    assert vault.is_destroyed(document.vault_owner)
    with pytest.raises(refusals.DocumentGone):
        services.read_document(document, actor=factories.moderator())


def test_evidence_of_a_voice_that_lives_is_kept_however_old_it_is(voice):
    papers.kept(voice)
    with pytest.raises(refusals.DocumentRetained):
        services.end_evidence(voice, at=timezone.now() + timedelta(days=4_000))


def test_nothing_is_handed_in_for_a_voice_that_has_ended(voice):
    consent.withdraw(voice, actor=voice.account, reason="So")
    voice.refresh_from_db()
    with pytest.raises(refusals.DocumentGone):
        papers.kept(voice)


def test_a_moderator_finds_them_in_the_case(client):
    voice = standins.voice_in_review()
    services.put_document(
        voice,
        kind="consent",
        content=io.BytesIO(PNG),
        signer="Alice Baker",
        signed_on=timezone.localdate(),
        actor=voice.account,
    )
    case = factories.Case.objects.about(voice).waiting().get()
    for role, may_read in (("moderator", True), ("auditor", False)):
        client.force_login(factories.moderator(role=role))
        page = client.get(f"/admin/moderation/case/{case.pk}/change/").content.decode()
        assert "Consent of the Voice Owner" in page
        assert ("/file/?link=" in page) == may_read
