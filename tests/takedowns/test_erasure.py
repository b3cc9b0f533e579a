"""An account that its holder erases is gone, wherever the work was killed; what stays says nothing of whose it was."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import keys, sanctions
from accounts import services as accounts
from accounts.models import FormerAddress, Status, User
from consent.models import ConsentRecord, Statement
from moderation import reporting
from moderation import services as moderation
from synthesis import services as synthesis
from synthesis.models import Output, SpeechRequest
from takedowns import certificates
from takedowns import services as takedowns
from takedowns.models import Deadline, PrivacyRequest, Revocation
from takedowns.privacy import erasure, refusals, services
from takedowns.retention import services as retention
from tests import factories, standins
from tests.accounts.factories import PASSWORD, make_user
from tests.test_no_row_no_action import a_curated_voice
from velluto import audit, jobs, vault
from velluto.audit.checkpoints import trusted_keys
from velluto.audit.models import AuditEvent
from velluto.models import DataKey, VaultObject
from voices import services as voices
from voices.models import Recording, Voice, Voiceprint

committed = pytest.mark.django_db(databases=["default", "keys"], transaction=True)
pytestmark = pytest.mark.django_db(databases=["default", "keys"])
STEPS = [name for name, _, _ in erasure.STEPS]
SCRIPT = "The heron stands on the ninth plank of the pier."


class Killed(BaseException):
    """A process that dies runs no handler of its own."""


def a_full_account() -> User:
    """Return an account with a voice that has spoken, a friend's voice, a curated one, a report, a letter, a key."""
    account = make_user("alice@example.org", full_name="Alice Ackroyd", display_name="Quillon")
    voice = standins.active_voice(account)
    standins.spoken(voice, SCRIPT)
    synthesis.request_speech(account=account, voice=voice, text=SCRIPT + " Again.")
    other = standins.active_voice(make_user("bob@example.org", full_name="Bob Carter"))
    voices.share(other, email=account.email, agreed=True, actor=other.account)
    synthesis.request_speech(account=account, voice=other, text=SCRIPT + " Shared.")
    found = reporting.find(str(voice.pk), account)["voice"]
    report = moderation.report(found, category="fraud", words=SCRIPT, address="192.0.2.1", account=account)
    moderation.withdraw_case(report.case, actor=None, reason="it is gone")
    return account


def done(request: PrivacyRequest) -> PrivacyRequest:
    for _ in range(3):
        standins.drain()
        services.resume()
    request.refresh_from_db()
    assert request.status == PrivacyRequest.Status.DONE, list(request.steps.values_list("step", flat=True))
    return request


def rows_that_say(*words: str) -> list[str]:
    """Return the tables, but for those of the audit and of other people, in which any of these words stands."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor:
                text = repr([bytes(v) if isinstance(v, memoryview) else v for v in row])
                found += [f"{table}: {word}" for word in words if word.casefold() in text.casefold()]
    return found


@committed
def test_after_an_erasure_nothing_readable_of_the_account_is_left():
    account = a_full_account()
    owner = account.vault_owner
    mine = {"alice@example.org", "Ackroyd", "Quillon", "ninth plank"}
    assert {line.partition(": ")[2] for line in rows_that_say(*mine)} >= {"alice@example.org", "Ackroyd", "Quillon"}
    names = list(VaultObject.objects.filter(owner=owner).values_list("name", flat=True))
    names += VaultObject.objects.filter(owner__in=[v.owner.vault_owner for v in account.voices.all()]).values_list(
        "name", flat=True
    )
    assert len(names) > 3
    mail.outbox.clear()

    request = services.erase(account)
    erasure.go_on(request)  # before the job that speaks has its turn
    done(request)
    assert rows_that_say(*mine) == []
    assert not VaultObject.objects.filter(name__in=names).exists()
    assert not any(vault.objects.storage().exists(name) for name in names)
    assert bytes(DataKey.objects.get(owner=owner).wrapped) == b""
    assert vault.is_destroyed(f"privacy:{request.pk}")
    assert not Voiceprint.objects.filter(recording__voice__account=account).exists()
    assert not SpeechRequest.objects.filter(account=account).exclude(script=b"").exists()
    assert not Output.objects.filter(request__account=account, deleted_at=None).exists()
    account.refresh_from_db()
    assert (account.status, account.full_name, account.is_active) == (Status.ERASED, "", False)

    # What must be kept is there, and says nothing of whose it was; under the key of the evidence it can be proven.
    voice = account.voices.get()
    assert ConsentRecord.objects.get(voice=voice).text_sha256
    assert Statement.objects.get(attempt__voice=voice).name == ""
    sealed = bytes(voice.owner.sealed_name)
    assert vault.unseal(f"evidence:{voice.pk}", "evidence.name", str(voice.pk), sealed) == b"Alice Ackroyd"
    assert account.credit_entries.exists()

    certificate = request.certificate
    assert certificates.is_genuine(certificate, trusted=trusted_keys())
    assert certificate["keys"] == [owner]
    revoked = Revocation.objects.get(voice=voice)
    assert certificate["voices"][0]["sha256"] == certificates.digest(revoked.certificate)
    assert certificate["kept"][0]["until"] == ConsentRecord.objects.get(voice=voice).retain_until.isoformat()
    assert [letter.subject for letter in mail.outbox if letter.to == ["alice@example.org"]] == [
        "Velluto: your account is closed",
        "Velluto: your account is erased",
    ]
    assert {letter.to[0] for letter in mail.outbox} <= {"alice@example.org", "bob@example.org"}
    deadline = Deadline.objects.get(kind="erase")
    assert deadline.due_at - deadline.received_at == timedelta(hours=24)
    assert deadline.met_at is not None
    assert User.objects.get(email="bob@example.org").voices.get().status == Voice.Status.ACTIVE


@committed
def test_an_erasure_that_is_killed_anywhere_goes_on_and_repeats_nothing(monkeypatch):
    account = a_full_account()
    request = services.erase(account)
    points = [(name, moment) for name in STEPS for moment in ("inside", "between")]
    record = audit.record

    def recorded(event: str, **options):
        row = record(event, **options)
        point = ((options.get("data") or {}).get("step"), "inside")
        if event == "takedowns.privacyrequest.step" and point in points:
            points.remove(point)
            raise Killed(point)
        return row

    def between() -> None:
        for name in request.steps.values_list("step", flat=True):
            if (name, "between") in points:
                points.remove((name, "between"))
                raise Killed(name)

    monkeypatch.setattr(audit, "record", recorded)
    deaths = 0
    for _ in range(100):
        if not points:
            break
        try:
            erasure.go_on(PrivacyRequest.objects.get(pk=request.pk), tell=between)
            between()
            jobs.drain()
        except Killed:
            deaths += 1
    assert (points, deaths) == ([], 2 * len(STEPS))
    monkeypatch.undo()
    request = done(request)
    assert Counter(request.steps.values_list("step", flat=True)) == Counter(STEPS)
    of_it = {str(request.pk), str(account.pk), account.vault_owner}
    events = Counter(AuditEvent.objects.filter(subject_id__in=of_it).values_list("event", flat=True))
    for once in ("vault.key_destroyed", "account.erased", "accounts.user.erased", "takedowns.privacyrequest.done"):
        assert events[once] == 1, once
    for one in Output.objects.filter(request__account=account):
        assert AuditEvent.objects.filter(event="synthesis.output.deleted", subject_id=str(one.pk)).count() == 1


def test_the_account_closes_at_once_and_everything_that_let_somebody_in(client: Client):
    account = make_user()
    client.force_login(account)
    secret = keys.create(account, id=account.pk, name="mine", scopes=["account"], days=30)
    services.erase(account)
    assert client.get("/account/").status_code == 302
    assert not Session.objects.exists()
    assert Client().get("/api/v1/me", headers={"authorization": f"Bearer {secret}"}).status_code == 401
    answer = Client().post("/account/login/", {"login": account.email, "password": PASSWORD})
    assert "_auth_user_id" not in answer.client.session
    with pytest.raises(refusals.AlreadyUnderWay):
        services.erase(account)


def test_the_address_opens_a_new_account():
    account = make_user("carol@example.org")
    done(services.erase(account))
    assert not EmailAddress.objects.filter(email="carol@example.org").exists()
    again = make_user("carol@example.org")
    assert not sanctions.former_accounts(again).exists()


def test_who_leaves_while_suspended_is_noticed_on_coming_back():
    account = make_user("dora@example.org")
    boss = make_user(staff=True)
    sanctions.suspend(account, lasts=None, section="9", reason="So.", actor=boss)
    done(services.erase(account))
    assert FormerAddress.objects.filter(account=account).exists()
    assert sanctions.former_accounts(make_user("dora@example.org")).get() == account
    sanctions.expire()
    assert User.objects.get(pk=account.pk).status == Status.ERASED


def test_a_restriction_of_ones_own_is_no_mark_against_anybody():
    account = make_user()
    services.restrict(account)
    done(services.erase(account))
    assert not FormerAddress.objects.exists()


def test_a_legal_hold_refuses_the_erasure_and_says_so(client: Client):
    account = make_user()
    client.force_login(account)
    sanctions.note(account, kind="hold", section="9", reason="A court asks.", actor=make_user(staff=True))
    with pytest.raises(refusals.ErasureHeld):
        services.erase(account)
    assert "legal hold stands" in client.get("/account/privacy/erase/").content.decode()
    assert "ask a person" in client.get("/account/privacy/").content.decode()
    assert User.objects.get(pk=account.pk).status == Status.ACTIVE


def test_of_a_secret_hold_nothing_is_seen_and_nothing_is_destroyed(client: Client):
    """Page, mails and status are the same with and without one; the destruction waits until the hold is lifted."""
    boss, seen = make_user(staff=True), []
    for secret in (True, False):
        account = standins.active_voice(make_user(f"erin{secret}@example.org")).account
        if secret:
            hold = sanctions.note(account, kind="hold", section="9", reason="x", actor=boss, secret=True)
            held = account
        client.force_login(account)
        pages = [client.get(f"/account/privacy/{name}").content.decode() for name in ("", "erase/")]
        mail.outbox.clear()
        services.erase(account)
        first = [letter.subject for letter in mail.outbox]
        jobs.drain()
        seen.append(["legal hold stands" in page for page in pages] + first + [mail.outbox[0].subject])
    assert seen[0] == seen[1]
    request = held.privacy_requests.get()
    done(account.privacy_requests.get())
    assert [step.step for step in request.steps.all()] == ["closed", "voices"]
    held.refresh_from_db()
    assert (held.status, held.full_name != "") == (Status.ERASED, True)
    assert Recording.objects.filter(voice__account=held).exists()
    assert VaultObject.objects.filter(owner=held.voices.get().owner.vault_owner).exists()
    assert not Deadline.objects.filter(subject_id=str(request.pk)).exists()
    assert services.resume() == 0  # it waits, and asks nobody again and again

    sanctions.lift(hold, actor=boss, reason="It is over.")
    takedowns.resume()
    done(request)
    held.refresh_from_db()
    assert held.full_name == ""


def test_staff_are_not_erased_before_their_role_is_taken_away():
    account = factories.moderator()
    with pytest.raises(refusals.StaffNotErased):
        services.erase(account)


def test_a_copy_that_somebody_waits_for_delays_the_certificate_and_nothing_else():
    voice = standins.active_voice()
    revoked = takedowns.revoke(voice, by="voice_owner", actor=voice.account, reason="so", copy=True)
    jobs.drain()
    request = services.erase(voice.account)
    standins.drain()
    request.refresh_from_db()
    assert [step.step for step in request.steps.all()] == STEPS[:-1]
    assert User.objects.get(pk=voice.account_id).full_name == ""
    takedowns.fetch_copy(Revocation.objects.get(pk=revoked.pk))
    Revocation.objects.filter(pk=revoked.pk).update(copy_until=timezone.now())
    takedowns.resume()
    done(request)


def test_what_curated_voices_said_for_the_account_goes_as_well():
    voice, account = a_curated_voice(), make_user()
    factories.accept_licence(voice, account)
    asked = synthesis.request_speech(account=account, voice=voice, text=SCRIPT)
    done(services.erase(account))
    asked.refresh_from_db()
    assert (asked.status, bytes(asked.script)) == (SpeechRequest.Status.CANCELLED, b"")
    assert Voice.objects.get(pk=voice.pk).status == Voice.Status.ACTIVE


def test_after_its_time_the_evidence_of_an_erased_account_goes_too():
    voice = standins.active_voice()
    done(services.erase(voice.account))
    later = timezone.now() + timedelta(days=3 * 366 + 1)
    swept = retention.sweep(at=later)
    assert swept["evidence"] == 1
    assert vault.is_destroyed(f"evidence:{voice.pk}")
    assert bytes(Voice.objects.get(pk=voice.pk).owner.sealed_name) == b""


def test_nothing_is_erased_of_an_account_that_is_not_closed():
    account = make_user()
    for verb in (accounts.erase, lambda one: accounts.forget_ledger(one, reason="so")):
        with pytest.raises(accounts.refusals.AccountNotClosed):
            verb(account)


def test_the_certificate_names_no_person():
    request = done(services.erase(make_user("fay@example.org", full_name="Fay Fenwick")))
    text = json.dumps(request.certificate)
    assert "fay" not in text.lower()


def test_a_restored_copy_brings_nobody_back():
    """What `manage.py restore` ends with: the key is known to be destroyed, and the rows are those of before."""
    account = make_user("gus@example.org", full_name="Gus Grantham")
    voice = factories.declared_voice(account)
    vault.destroy(account.vault_owner, actor=None, reason="it had been destroyed after the backup")
    vault.destroy(voice.owner.vault_owner, actor=None, reason="it had been destroyed after the backup")
    call_command("reconcile", verbosity=0)
    account.refresh_from_db()
    assert (account.status, account.full_name, account.email) == (Status.ERASED, "", f"{account.pk}@erased.invalid")
    assert (Voice.objects.get(pk=voice.pk).name, Voice.objects.get(pk=voice.pk).owner.name) == ("", "")
