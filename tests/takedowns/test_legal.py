"""A legal request is entered, held, answered by two people, handed out on record, told of, and destroyed in time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import sanctions
from accounts.models import User
from accounts.roles import SENIOR_MODERATOR
from moderation import refusals as desk
from moderation import services as moderation
from moderation.models import Case, StatementOfReasons
from synthesis import services as synthesis
from takedowns import services as takedowns
from takedowns.legal import policies, refusals, services
from takedowns.models import LegalRequest
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.takedowns import requests
from tests.takedowns.bundles import public_key, unpacked, verified
from velluto import links, vault
from velluto.audit.models import AuditEvent
from velluto.vault.models import DataKey, VaultObject
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LIST = "/admin/takedowns/legalrequest/"


@pytest.fixture(autouse=True)
def no_second_factor(settings) -> None:
    settings.ADMIN_REQUIRES_MFA = False


@pytest.fixture
def voice(db) -> Voice:
    voice = standins.active_voice(make_user("alice@example.org", full_name="Alice Baker"))
    standins.spoken(voice)
    return voice


@pytest.fixture
def account(db) -> User:
    return make_user("anna@example.org", full_name="Anna Holm")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def letters() -> list[str]:
    return [letter.subject for letter in mail.outbox if "authority" in letter.subject]


def test_two_people_the_pages_and_a_bundle_that_a_stranger_verifies(voice, tmp_path):
    """The whole way: intake, proposal, approval, job, download, verification, notice, destruction."""
    first, second = requests.counsel(), factories.moderator(role=SENIOR_MODERATOR)
    counsel, senior = signed_in(first), signed_in(second)
    form = {
        "authority": "District Court of Halden",
        "basis": "Production order, section 94",
        "reference": "HAL-2026-113",
        "received_on": timezone.localdate().isoformat(),
        "scope": "account",
        "subject": "Alice@example.org",
        "notice": "allowed",
        "document": SimpleUploadedFile("order.pdf", requests.ORDER),
    }
    page = counsel.post(f"{LIST}new/", form)["Location"]
    request = LegalRequest.objects.get()
    assert page == f"{LIST}{request.pk}/change/"
    assert request.account == voice.account
    assert sanctions.on_hold().filter(account=voice.account).exists()
    html = counsel.get(page).content.decode()
    order = re.search(r'href="([^"]+/document/\?link=[^"]+)"', html)[1].replace("&amp;", "&")
    assert counsel.get(order).content == requests.ORDER

    case = f"/admin/moderation/case/{requests.case_of(request).pk}"
    assert counsel.post(f"{case}/claim/").status_code == 302
    answer = {"seen": moderation.seen_now(), "choice": "produce", "section": "9", "reason": "The order is valid."}
    preview = counsel.post(f"{case}/decide/", {**answer, "preview": ""}).content.decode()
    assert "everything about an account, decrypted, signed and sealed" in preview
    assert counsel.post(f"{case}/decide/", {**answer, "decide": ""}).status_code == 302
    request.refresh_from_db()
    assert request.status == "received"
    seen = {"seen": moderation.seen_now(), "reason": "", "approve": ""}
    assert counsel.post(f"{case}/second/", seen).status_code == 403, "who proposed may not approve"
    assert "The person" not in senior.get(f"{case}/change/").content.decode().partition("second person</h2>")[2]
    assert senior.post(f"{case}/second/", seen).status_code == 302

    standins.drain()
    request.refresh_from_db()
    assert request.status == "ready"
    html = counsel.get(page).content.decode()
    link = re.search(r'href="([^"]+/bundle/\?link=[^"]+)"', html)[1].replace("&amp;", "&")
    content = b"".join(counsel.get(link).streaming_content)
    (tmp_path / "evidence.zip").write_bytes(content)
    script = unpacked(content, tmp_path / "bundle") / "verify.py"
    for place in (tmp_path / "evidence.zip", tmp_path / "bundle"):
        status, said = verified(place, "--public-key", public_key(), script=script)
        assert status == 0, said
        assert "HAL-2026-113" in said
    told = [row.event for row in AuditEvent.objects.filter(subject_id=str(request.pk))]
    assert told.count("takedowns.legalrequest.fetched") == 1
    assert "takedowns.legalrequest.document_read" in told

    assert letters() == []
    services.sweep()
    standins.drain()
    assert [letter.to for letter in mail.outbox if "authority" in letter.subject] == [["alice@example.org"]]
    assert not StatementOfReasons.objects.filter(decision__choice="produce").exists()
    services.sweep(at=request.destroy_at)
    request.refresh_from_db()
    assert request.status == "destroyed"
    assert counsel.get(link).status_code == 410


def test_who_proposed_never_approves_whatever_they_may_do(account):
    request = requests.received(account)
    boss = User.objects.get(pk=make_user(superuser=True).pk)
    requests.proposed(request, actor=boss)
    with pytest.raises(desk.SecondPersonNeeded):
        moderation.approve(requests.case_of(request), actor=boss)
    request.refresh_from_db()
    assert request.status == "received"
    assert not VaultObject.objects.filter(owner=request.bundle_owner).exists()


def test_only_the_legal_role_enters_answers_and_fetches(account):
    request = requests.ready(account)
    link = f"{LIST}{request.pk}/bundle/"
    for role in ("triage", "moderator", SENIOR_MODERATOR, "custodian", "auditor"):
        person = factories.moderator(role=role)
        client = signed_in(person)
        assert client.get(f"{LIST}new/").status_code == 403
        assert client.get(links.to(link, account=person.pk)).status_code == 403
    case = requests.case_of(requests.received(make_user()))
    senior = factories.moderator(role=SENIOR_MODERATOR)
    moderation.claim(case, actor=senior)
    with pytest.raises(desk.ChoiceRefused):
        moderation.decide(case, choice="produce", section="9", reason="So.", actor=senior)


def test_a_link_is_its_readers_own_and_stops_working(account, monkeypatch):
    request, person = requests.ready(account), requests.counsel()
    path = f"{LIST}{request.pk}/bundle/"
    mine = links.to(path, account=person.pk)
    assert signed_in(requests.counsel()).get(mine).status_code == 403
    assert signed_in(person).get(path).status_code == 403
    assert b"".join(signed_in(person).get(mine).streaming_content)
    monkeypatch.setattr(links, "LASTS", timedelta(seconds=-1))
    assert signed_in(person).get(mine).status_code == 403
    fetched = AuditEvent.objects.filter(event="takedowns.legalrequest.fetched")
    assert [row.actor for row in fetched] == [f"account:{person.pk}"]


def test_a_refused_request_hands_out_nothing_and_ends_its_hold(account):
    request = requests.received(account)
    requests.proposed(request, "refuse")
    request.refresh_from_db()
    assert request.status == "refused"
    assert not sanctions.on_hold().exists()
    standins.drain()
    services.sweep(at=timezone.now() + timedelta(days=400))
    standins.drain()
    assert letters() == []
    assert not StatementOfReasons.objects.exists()
    assert not DataKey.objects.filter(owner=request.bundle_owner).exists()
    assert Case.objects.get().decisions.get().reason == "The order is valid."


def test_what_is_on_hold_is_not_destroyed_until_it_is_lifted(voice):
    request = requests.received(voice, scope="voice")
    takedowns.revoke(voice, by="voice_owner", actor=voice.account, reason="So")
    standins.drain()
    in_months = timezone.now() + timedelta(days=90)
    synthesis.sweep_outputs(at=in_months)
    output = voice.speech_requests.get().output
    output.refresh_from_db()
    assert output.deleted_at is None
    assert voice.recordings.exists()
    assert not vault.is_destroyed(voice.owner.vault_owner)
    with pytest.raises(refusals.LegalRequestPending):
        services.lift_hold(request, actor=requests.counsel(), reason="Too early.")
    requests.approved(request)
    standins.drain()
    made = services.fetch_bundle(LegalRequest.objects.get(), actor=requests.counsel())
    assert b"files/recordings/" in made.read()
    made.close()
    services.lift_hold(request, actor=requests.counsel(), reason="The court is done.")
    with pytest.raises(refusals.LegalHoldEnded):
        services.lift_hold(request, actor=requests.counsel(), reason="Again.")
    takedowns.resume()
    standins.drain()
    assert vault.is_destroyed(voice.owner.vault_owner)
    assert synthesis.sweep_outputs(at=in_months) == 1


def test_two_holds_on_an_account_stand_apart(account):
    one, other = requests.received(account), requests.received(account)
    requests.proposed(one, "refuse")
    assert sanctions.on_hold().filter(account=account).exists()
    requests.proposed(other, "refuse")
    assert not sanctions.on_hold().exists()


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def test_a_customer_who_may_not_be_told_hears_of_it_when_the_ban_has_ended(account, monkeypatch):
    last = timezone.localdate() + timedelta(days=30)
    request = requests.ready(account, may_tell=False, silent_until=last)
    services.sweep(at=at(last, 23, 59))
    standins.drain()
    assert letters() == []
    after = at(last + timedelta(days=1))
    assert services.sweep(at=after) == 1
    monkeypatch.setattr(timezone, "now", lambda: after)
    standins.drain()
    assert len(letters()) == 1
    body = mail.outbox[-1].body
    assert "District Court of Halden" in body
    assert "HAL-2026-113" in body
    request.refresh_from_db()
    assert request.told_at == after
    services.sweep(at=after)
    standins.drain()
    assert len(letters()) == 1
    with pytest.raises(refusals.LegalNoticeSettled):
        services.change_notice(request, may_tell=False, silent_until=None, actor=requests.counsel(), reason="So")


def test_silence_without_an_end_lasts_until_somebody_ends_it(account):
    request = requests.ready(account, may_tell=False)
    services.sweep(at=timezone.now() + timedelta(days=4000))
    standins.drain()
    assert letters() == []
    client = signed_in(requests.counsel())
    asked = {"notice": "until", "reason": "The court said so."}
    assert client.post(f"{LIST}{request.pk}/notice/", asked).status_code == 422
    assert client.post(f"{LIST}{request.pk}/notice/", {**asked, "notice": "allowed"}).status_code == 302
    services.sweep()
    standins.drain()
    assert len(letters()) == 1


def test_a_bundle_is_destroyed_with_its_key_after_its_time_and_the_order_stays(account, settings):
    settings.LEGAL_BUNDLE_DAYS = 10
    request = requests.ready(account)
    assert request.destroy_at == request.ready_at + timedelta(days=10)
    services.sweep(at=request.destroy_at - timedelta(seconds=1))
    request.refresh_from_db()
    assert request.status == "ready"
    with pytest.raises(refusals.LegalBundleGone):
        services.fetch_bundle(request, actor=requests.counsel(), at=request.destroy_at)
    services.sweep(at=request.destroy_at)
    services.sweep(at=request.destroy_at)
    request.refresh_from_db()
    assert request.status == "destroyed"
    assert vault.is_destroyed(request.bundle_owner)
    assert not VaultObject.objects.filter(owner=request.bundle_owner).exists()
    assert services.read_document(request, actor=requests.counsel()) == requests.ORDER
    assert AuditEvent.objects.filter(event="takedowns.legalrequest.destroyed").count() == 1


def test_what_an_attempt_left_that_was_cut_off_is_gone_when_the_next_is_done(account):
    request = requests.approved(requests.received(account))
    vault.put(request.bundle_owner, services.BUNDLE, b"half of it")
    standins.drain()
    request.refresh_from_db()
    assert [one.name for one in VaultObject.objects.filter(owner=request.bundle_owner)] == [request.bundle]
    assert request.bundle_size == VaultObject.objects.get(owner=request.bundle_owner).size


@pytest.mark.parametrize("named", ["", "nobody@example.org", "5f1c1b0e-9b1c-4b4e-8d59-0d8a1f1c2c11", "'; --"])
def test_what_is_not_there_cannot_be_asked_for(named, db):
    for scope in LegalRequest.Scope.values:
        with pytest.raises(refusals.LegalSubjectUnknown):
            services.find(scope, named)


def test_without_a_document_or_with_too_large_a_one_nothing_is_entered(account):
    for document in (b"", bytes(policies.LARGEST_DOCUMENT + 1)):
        with pytest.raises(refusals.LegalDocumentMissing):
            requests.received(account, document=document)
    assert not LegalRequest.objects.exists()
    assert not sanctions.on_hold().exists()


def test_a_curated_voice_belongs_to_nobody_so_nobody_is_held_or_told(db):
    voice = factories.voices.add_curated(
        name="Linen", language="en", style="narration", gender="female", actor=make_user(staff=True)
    )
    request = requests.ready(voice, scope="consent")
    assert request.account is None
    assert request.hold is None
    assert services.sweep() == 0
    with pytest.raises(refusals.LegalNoticeSettled):
        services.change_notice(request, may_tell=True, silent_until=None, actor=requests.counsel(), reason="So")


def test_the_person_it_is_about_does_not_answer_it(db):
    person = requests.counsel()
    with pytest.raises(desk.CaseAboutYou):
        moderation.claim(requests.case_of(requests.received(person)), actor=person)
