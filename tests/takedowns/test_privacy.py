"""People see what is held of them, take it with them, stop it, and ask; a person answers, and another looks again."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.core import mail
from django.db import models
from django.test import Client
from django.utils import timezone

from accounts import sanctions
from accounts.models import Status, User
from moderation import reporting
from moderation import services as moderation
from moderation.models import Appeal, Case, Report
from moderation.services import appeals
from synthesis import services as synthesis
from synthesis.models import SpeechRequest
from takedowns.deadlines import services as deadlines
from takedowns.models import Deadline, PrivacyRequest
from takedowns.privacy import archive, refusals, services
from takedowns.retention import services as retention
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.consent import papers
from tests.doors.house import sign_in
from velluto import jobs, vault
from velluto.audit.models import AuditEvent
from voices import services as voices
from voices.models import VoiceShare

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
SCRIPT = "The heron stands on the ninth plank of the pier."
S = PrivacyRequest.Status


def exported(account: User) -> PrivacyRequest:
    request = services.export(account)
    jobs.drain()
    request.refresh_from_db()
    assert request.status == S.DONE
    return request


def unpacked(content) -> tuple[zipfile.ZipFile, dict]:
    """Read an archive, from the vault or from the answer of a page."""
    with content:
        files = zipfile.ZipFile(io.BytesIO(b"".join(content)))
    assert files.testzip() is None
    return files, json.loads(files.read("data.json"))


def downloaded(answer) -> tuple[zipfile.ZipFile, dict]:
    return unpacked(io.BytesIO(b"".join(answer.streaming_content)))


def decided(request: PrivacyRequest, choice: str, reason: str = "Because it is so.") -> Case:
    actor = factories.moderator()
    case = Case.objects.about(request).waiting().get()
    moderation.claim(case, actor=actor)
    moderation.decide(case, choice=choice, section="5", reason=reason, actor=actor)
    return case


# ------------------------------------------------------------------------------------------------ a copy


def test_an_export_holds_everything_in_words_and_sound_and_is_sealed_under_a_key_of_its_own():
    voice = standins.active_voice(make_user("alice@example.org", full_name="Alice Ackroyd"))
    spoken = standins.spoken(voice, SCRIPT)
    friend = make_user("bob@example.org")
    voices.share(voice, email=friend.email, agreed=True, actor=voice.account)
    mail.outbox.clear()

    request = exported(voice.account)
    with pytest.raises(vault.WrongContext):
        vault.read(request.object, owner=voice.account.vault_owner, purpose=services.ARCHIVE)
    files, data = unpacked(services.fetch(request, actor=voice.account))
    assert data["account"]["full_name"] == "Alice Ackroyd"
    assert [one["text"] for one in data["speech"]] == [SCRIPT]
    assert data["credits"] and data["what_you_did"]
    assert data["voices"][0]["consent"]["text"].startswith("I represent and warrant that")
    assert data["voices"][0]["shares"][0]["account__email"] == friend.email
    sound = {name: files.read(name) for name in files.namelist() if "/" in name}
    assert sum(name.startswith("recordings/") for name in sound) == 3
    for recording in voice.recordings.all():
        assert voices.recording_bytes(recording) in sound.values()
    assert synthesis.open_output(spoken.output, actor=voice.account).read() in sound.values()
    assert AuditEvent.objects.filter(event="takedowns.export.fetched", subject_id=str(request.pk)).exists()
    (letter,) = [one for one in mail.outbox if one.to == ["alice@example.org"]]
    assert "copy of your data is ready" in letter.subject


def test_an_export_says_nothing_that_its_reader_may_not_know():
    voice = standins.active_voice()
    account, boss = voice.account, make_user(staff=True)
    sanctions.note(account, kind="hold", section="9", reason="A secret reason", actor=boss, secret=True)
    found = reporting.find(str(voice.pk), account)["voice"]
    moderation.report(found, category="fraud", words="I saw them", address="192.0.2.9", email="witness@example.org")
    _, data = unpacked(services.fetch(exported(account), actor=account))
    text = json.dumps(data)
    for secret in ("A secret reason", "witness@", "I saw them", '"password"', "digest"):
        assert secret not in text


# What points at an account or a voice is exported, or it is said here why not.
LEFT_OUT = {
    "admin.LogEntry": "of staff alone",
    "accounts.FormerAddress": "a digest that nobody can read",
    "consent.Invitation": "another person's answer; what they signed is there",
    "moderation.Case": "what is still being looked at; its outcome is in the letters",
    "moderation.Decision": "of staff; what was decided about the account is in the letters",
    "moderation.NoGoEntry": "secret",
    "moderation.NoGoRecording": "secret",
    "takedowns.Claim": "what is still being looked at; its outcome is in the letters",
    "takedowns.LegalRequest": "secret where the law says so; else there is a letter",
    "takedowns.OwnerMatch": "another person's request",
    "takedowns.PortalLink": "lets its holder in",
    "voices.Resemblance": "of other accounts' voices",
    "moderation.NoGoMatch": "secret",
    "moderation.SavedView": "of staff alone",
    "synthesis.Freeze": "of staff alone",
    "synthesis.Preview": "of the catalogue",
    "takedowns.InactivityNotice": "a letter that was sent",
    "takedowns.PoliceReferral": "secret",
    "voices.CatalogueEntry": "of the catalogue",
    "voices.Licence": "of the catalogue",
    "voices.RightsRecord": "of the catalogue",
    "voices.VoiceOwner": "its name stands with the voice",
}
EXPORTED = {
    "account.EmailAddress", "accounts.ApiKey", "accounts.CreditEntry", "accounts.Sanction", "accounts.Strike",
    "accounts.TextAcceptance",
    "consent.Declaration", "consent.ForbiddenAttempt", "takedowns.CounterNotice",
    "takedowns.EvidenceDemand", "takedowns.Notice",
    "consent.Attempt", "consent.Challenge", "consent.ConsentRecord", "consent.Document", "mfa.Authenticator",
    "moderation.Appeal", "moderation.Report", "moderation.StatementOfReasons", "synthesis.Screening",
    "synthesis.SpeechRequest", "takedowns.PrivacyRequest", "takedowns.Revocation", "voices.LicenceAcceptance",
    "voices.Recording", "voices.Voice", "voices.VoiceShare",
}  # fmt: skip


def test_whatever_points_at_an_account_or_a_voice_is_exported_or_left_out_for_a_reason():
    pointing = {
        model._meta.label
        for model in apps.get_models()
        if not model._meta.proxy
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model._meta.label in ("accounts.User", "voices.Voice")
    }
    assert pointing == {*LEFT_OUT} | EXPORTED
    assert not {*LEFT_OUT} & EXPORTED


def test_an_archive_needs_little_memory_and_is_a_whole_zip():
    piece = b"x" * 65_536
    content = io.BufferedReader(archive.Archive([("big.bin", (piece for _ in range(400))), ("small.txt", [b"so"])]))
    parts, longest = [], 0
    while part := content.read(100_000):
        longest = max(longest, len(part))
        parts.append(part)
    files = zipfile.ZipFile(io.BytesIO(b"".join(parts)))
    assert files.testzip() is None
    assert (files.getinfo("big.bin").file_size, files.read("small.txt")) == (400 * 65_536, b"so")


def test_an_export_can_be_downloaded_for_a_week_by_its_account_alone(client: Client):
    account, other = make_user(), make_user()
    request = exported(account)
    page = f"/account/privacy/exports/{request.pk}/"
    assert "/account/login/" in client.get(page)["Location"]
    assert sign_in(Client(), other).get(page).status_code == 404
    unconfirmed = Client()
    unconfirmed.force_login(account)
    assert "reauthenticate" in unconfirmed.get(page)["Location"]
    answer = sign_in(client, account).get(page)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert downloaded(answer)[1]["account"]["email"] == account.email
    assert retention.sweep(at=request.until - timedelta(seconds=1)) == {}
    assert retention.sweep(at=request.until) == {"exports": 1}
    request.refresh_from_db()
    with pytest.raises(refusals.ExportGone):
        services.fetch(request, actor=account)
    assert client.get(page).status_code == 410
    assert not vault.objects.VaultObject.objects.filter(owner=request.vault_owner).exists()


def test_one_export_at_a_time_and_three_a_day():
    account = make_user()
    services.export(account)
    with pytest.raises(refusals.AlreadyUnderWay):
        services.export(account)
    jobs.drain()
    exported(account), exported(account)
    with pytest.raises(refusals.ExportsTooMany):
        services.export(account)
    services.export(account, at=timezone.now() + timedelta(days=1, minutes=1))


def test_an_export_that_was_killed_is_made_again_and_leaves_nothing_twice(monkeypatch):
    account = make_user()
    request = services.export(account)

    class Killed(BaseException):
        pass

    def killed(*args, **options):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(services, "archive_made", killed)
        with pytest.raises(Killed):
            jobs.drain()
    assert vault.objects.VaultObject.objects.filter(owner=request.vault_owner).count() == 1
    jobs.Job.objects.filter(name=services.EXPORT).update(status="queued")
    standins.drain()
    request.refresh_from_db()
    assert request.status == S.DONE
    assert vault.objects.VaultObject.objects.filter(owner=request.vault_owner).get().name == request.object


# ------------------------------------------------------------------------------------------------ what is held


def test_the_page_says_what_is_held_why_and_until_when(client: Client):
    voice = standins.active_voice()
    standins.spoken(voice)
    sign_in(client, voice.account)
    page = client.get("/account/privacy/data/").content.decode()
    for one, _ in retention.held_of(voice.account):
        assert one.rule.words.replace("'", "&#x27;") in page
    assert {one.code for one, _ in retention.held_of(voice.account)} >= {"voices", "evidence", "outputs", "scripts"}


# ------------------------------------------------------------------------------------------------ a stop


def test_a_restriction_stops_everything_and_is_lifted_by_oneself(client: Client):
    voice = standins.active_voice()
    account, friend = voice.account, make_user()
    voices.share(voice, email=friend.email, agreed=True, actor=account)
    waiting = standins.asked(voice)
    services.restrict(account)
    services.restrict(account)
    waiting.refresh_from_db()
    assert waiting.status == SpeechRequest.Status.CANCELLED
    assert not VoiceShare.objects.usable().exists()
    account.refresh_from_db()
    with pytest.raises(Exception, match="suspended"):
        standins.asked(voice)
    sign_in(client, account)
    assert client.get("/speak/").status_code == 403
    assert "You lift it yourself" in client.get("/account/standing/").content.decode()
    assert "Lift the restriction" in client.get("/account/privacy/").content.decode()
    assert client.post("/account/privacy/restrict/lift/").status_code == 302
    account.refresh_from_db()
    assert account.status == Status.ACTIVE
    assert VoiceShare.objects.usable().exists()
    assert account.sanctions.count() == 1


def test_lifting_ones_own_restriction_lifts_no_suspension_and_a_suspension_outlives_nothing():
    account, boss = make_user(), make_user(staff=True)
    services.restrict(account)
    suspension = sanctions.suspend(account, lasts=timedelta(days=7), section="9", reason="So.", actor=boss)
    services.lift_restriction(account)
    assert User.objects.get(pk=account.pk).status == Status.SUSPENDED
    services.restrict(account)
    sanctions.expire(at=suspension.ends_at)
    assert User.objects.get(pk=account.pk).status == Status.SUSPENDED, "the wish stands"
    services.lift_restriction(account, at=suspension.ends_at)
    assert User.objects.get(pk=account.pk).status == Status.ACTIVE


# ------------------------------------------------------------------------------------------------ a person answers


def test_a_denial_says_why_and_somebody_else_looks_again():
    account = make_user("gina@example.org")
    request = services.ask(account, kind="objection", words="Do not screen my texts.")
    assert services.words_of(request) == "Do not screen my texts."
    case = decided(request, "deny", "Nobody speaks here unscreened.")
    request.refresh_from_db()
    assert request.status == S.DENIED
    jobs.drain()
    (letter,) = [one for one in mail.outbox if one.to == ["gina@example.org"]]
    assert "Nobody speaks here unscreened." in letter.body
    token = re.search(r"/appeals?/(\S+?)/", letter.body).group(1)
    appeal = appeals.file(token, words="Please look again.")
    first = case.decisions.get().decided_by
    again = Case.objects.about(appeal).get()
    with pytest.raises(moderation.CaseBarred):
        moderation.claim(again, actor=first)
    other = factories.moderator()
    moderation.claim(again, actor=other)
    moderation.decide(again, choice="overturn", section="5", reason="They are right.", actor=other)
    request.refresh_from_db()
    assert request.status == S.DONE
    assert User.objects.get(pk=account.pk).status == Status.SUSPENDED  # at their own wish
    assert Appeal.objects.get().status == Appeal.Status.OVERTURNED


def test_a_request_is_due_within_thirty_days_and_a_breach_is_recorded_once():
    request = services.ask(make_user(), kind="correction", words="My name is wrong in a letter.")
    deadline = Deadline.objects.get(subject_id=str(request.pk))
    assert deadline.due_at == request.due_at == request.received_at + timedelta(days=30)
    late = deadline.due_at + timedelta(seconds=1)
    assert (deadlines.sweep(at=late), deadlines.sweep(at=late)) == (1, 0)
    decided(request, "grant")
    deadline.refresh_from_db()
    assert deadline.met_at and deadline.breached_at


def test_who_hears_of_a_hold_may_ask_a_person_to_erase_all_the_same():
    account = make_user()
    hold = sanctions.note(account, kind="hold", section="9", reason="So.", actor=make_user(staff=True))
    request = services.ask(account, kind="erasure", words="The court has closed the matter.")
    decided(request, "grant")
    jobs.drain()
    request.refresh_from_db()
    assert (request.status, User.objects.get(pk=account.pk).status) == (S.RUNNING, Status.ERASED)
    assert User.objects.get(pk=account.pk).full_name, "the hold still stands"
    sanctions.lift(hold, actor=make_user(staff=True), reason="It is over.")
    for _ in range(2):
        services.resume()
        standins.drain()
    assert User.objects.get(pk=account.pk).full_name == ""


def test_words_are_asked_for_and_limited():
    account = make_user()
    with pytest.raises(refusals.PrivacyWordsMissing):
        services.ask(account, kind="correction", words=" ")
    with pytest.raises(refusals.PrivacyWordsTooLong):
        services.ask(account, kind="correction", words="x" * 3_001)
    for number in range(5):
        services.ask(account, kind="correction", words=f"Number {number}")
    with pytest.raises(refusals.PrivacyRequestsTooMany):
        services.ask(account, kind="correction", words="One more")


# ------------------------------------------------------------------------------------------------ by e-mail


def asked_by_mail(**options) -> PrivacyRequest:
    given = {"kind": "access", "email": "hal@example.org", "words": "All of it.", "address": "192.0.2.4"}
    return services.ask_by_mail(**given | options)


def proven(request: PrivacyRequest, client: Client) -> str:
    jobs.drain()
    link = re.search(r"/privacy/\S+/", next(one for one in mail.outbox if one.subject.endswith("yours?")).body).group()
    assert client.get(link).status_code == 200
    request.refresh_from_db()
    assert request.status == S.UNPROVEN, "opening the link proves nothing: programs open links"
    assert client.post(link).status_code == 302
    request.refresh_from_db()
    assert request.status == S.OPEN
    return link


def test_who_has_no_account_shows_that_the_address_is_theirs_and_gets_what_is_held(client: Client):
    report_of = standins.active_voice()
    found = reporting.find(str(report_of.pk), report_of.account)["voice"]
    moderation.report(found, category="fraud", words="I saw it.", address="192.0.2.1", email="hal@example.org")
    request = asked_by_mail()
    assert not Case.objects.about(request).exists()
    link = proven(request, client)
    decided(request, "grant")
    jobs.drain()
    files, data = downloaded(client.post(link))
    assert [one["words"] for one in data["reports"]] == ["I saw it."]
    assert files.namelist() == ["README.txt", "data.json"]
    assert client.get("/privacy/guessed/").status_code == 404


def test_an_erasure_by_mail_forgets_the_reports_of_the_address(client: Client):
    voice = standins.active_voice()
    found = reporting.find(str(voice.pk), voice.account)["voice"]
    report = moderation.report(found, category="fraud", words="So.", address="192.0.2.1", email="hal@example.org")
    moderation.withdraw_case(report.case, actor=None, reason="it is gone")
    request = asked_by_mail(kind="erasure")
    proven(request, client)
    mail.outbox.clear()
    decided(request, "grant")
    jobs.drain()
    assert bytes(Report.objects.get(pk=report.pk).words) == b""
    assert [one.subject for one in mail.outbox if one.to == ["hal@example.org"]] == ["Velluto: your request is done"]


def test_a_terminated_person_asks_by_mail_and_the_archive_is_not_behind_a_door_they_cannot_open(client: Client):
    account = make_user("hal@example.org")
    sanctions.terminate(account, section="9", reason="So.", actor=make_user(staff=True))
    jobs.drain()
    request = asked_by_mail()
    link = proven(request, client)
    request.refresh_from_db()
    assert request.account == account
    decided(request, "grant")
    jobs.drain()
    assert downloaded(client.post(link))[1]["account"]["email"] == "hal@example.org"


def test_a_mail_link_alone_opens_no_archive_of_an_account_that_can_sign_in(client: Client):
    account = make_user("hal@example.org")
    request = asked_by_mail()
    link = proven(request, client)
    decided(request, "grant")
    jobs.drain()
    assert "Sign in and download it" in client.get(link).content.decode()
    assert client.post(link)["Content-Type"].startswith("text/html")
    assert downloaded(sign_in(Client(), account).get(f"/account/privacy/exports/{request.pk}/"))


def test_an_agent_shows_a_power_of_attorney_and_the_person_is_told(client: Client):
    person = make_user("ivy@example.org")
    with pytest.raises(refusals.AuthorityMissing):
        asked_by_mail(person=person.email)
    with pytest.raises(refusals.AuthorityMissing):
        asked_by_mail(document=io.BytesIO(papers.pdf()))
    request = asked_by_mail(person=person.email, document=io.BytesIO(papers.pdf()))
    link = proven(request, client)
    jobs.drain()
    assert [one.subject for one in mail.outbox if one.to == [person.email]] == ["Velluto: somebody asks on your behalf"]
    moderator = factories.moderator()
    staff = sign_in(Client(), moderator, second_factor=True)
    answer = staff.get(f"/admin/takedowns/privacyrequest/{request.pk}/document/")
    assert (answer.content, answer["X-Content-Type-Options"]) == (papers.pdf(), "nosniff")
    assert AuditEvent.objects.filter(event="takedowns.authority.read").exists()
    mail.outbox.clear()
    decided(request, "deny", "The signature is not theirs.")
    jobs.drain()
    (letter,) = mail.outbox
    assert (letter.to, "The signature is not theirs." in letter.body) == (["hal@example.org"], True)
    assert "denied" in client.get(link).content.decode()
    token = re.search(r"/appeals?/(\S+?)/", letter.body).group(1)
    assert appeals.file(token, words="It is theirs.").account is None


def test_what_nobody_confirms_is_destroyed_after_a_week(client: Client):
    request = asked_by_mail()
    jobs.drain()
    assert services.resume(at=request.received_at + timedelta(days=7) - timedelta(seconds=1)) == 0
    request.refresh_from_db()
    assert request.status == S.UNPROVEN
    services.resume(at=request.received_at + timedelta(days=7))
    request.refresh_from_db()
    assert (request.status, bytes(request.contact), request.asker) == (S.LAPSED, b"", "")
    assert vault.is_destroyed(request.vault_owner)


def test_nobody_floods_a_stranger_with_mails():
    for number in range(5):
        asked_by_mail(address=f"192.0.2.{number}")
    with pytest.raises(refusals.PrivacyRequestsTooMany):
        asked_by_mail(address="192.0.2.99")
    for number in range(5):
        asked_by_mail(email=f"p{number}@example.org", address="198.51.100.1")
    with pytest.raises(refusals.PrivacyRequestsTooMany):
        asked_by_mail(email="p9@example.org", address="198.51.100.1")


def test_the_same_pages_serve_browsers(client: Client):
    answer = client.post("/privacy/", {"kind": "access", "email": "hal@example.org"})
    assert answer.status_code == 302
    assert PrivacyRequest.objects.get().by == PrivacyRequest.By.EMAIL
    account = make_user()
    sign_in(client, account)
    answer = client.post("/account/privacy/ask/", {"kind": "correction", "words": "It is wrong."})
    assert answer.status_code == 302
    assert client.post("/account/privacy/ask/", {"kind": "erasure", "words": "So."}).status_code == 422
    assert client.post("/account/privacy/export/").status_code == 302
    jobs.drain()
    assert "Download" in client.get("/account/privacy/").content.decode()
    assert client.post("/account/privacy/erase/", {}).status_code == 422
    answer = client.post("/account/privacy/erase/", {"sure": "on"})
    assert "The account is closed" in Client().get(answer["Location"]).content.decode()
    jobs.drain()
    page = Client().get(answer["Location"]).content.decode()
    assert "Everything that could be destroyed is destroyed" in page
    assert Client().get(answer["Location"] + "signed.json").json()["account"] == str(account.pk)
