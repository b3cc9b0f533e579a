"""What is over goes in the night, once, with a certificate; what is held stays, whenever the hold came in."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Event
from time import sleep

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from accounts import sanctions
from accounts import services as accounts
from accounts.models import CreditEntry, FormerAddress, Status, User
from consent.models import Attempt, Check, ConsentRecord, ForbiddenAttempt, Statement
from consent.never import services as never
from consent.never.policies import OFFICE
from moderation import reporting
from moderation import services as moderation
from moderation.models import Report
from moderation.services import reports
from synthesis import forgetting
from synthesis.models import Detection, Screening
from takedowns import certificates
from takedowns import services as takedowns
from takedowns.models import Destruction, InactivityNotice, Notice, Revocation
from takedowns.notices import services as notices
from takedowns.retention import policies, refusals, services
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.takedowns import notified
from velluto import jobs, vault
from velluto.audit.checkpoints import trusted_keys
from velluto.audit.models import AuditEvent
from velluto.jobs import Job
from voices.models import Recording, Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
DAY = timedelta(days=1)


def years(count: int, *, plus: timedelta = timedelta()) -> datetime:
    return policies.years_after(timezone.now(), count) + plus


def a_question(answered_at: datetime) -> Detection:
    return Detection.objects.create(
        client="x", seconds=1.0, asked_at=answered_at, answered_at=answered_at, status=Detection.Status.ANSWERED
    )


def held(account: User, **options: object):
    boss = make_user(staff=True)
    return sanctions.note(account, kind="hold", section="9", reason="A court asks.", actor=boss, **options)


def dry_run() -> str:
    out = StringIO()
    call_command("retention", dry_run=True, stdout=out)
    return out.getvalue()


def test_questions_to_the_detector_go_after_ninety_days_with_a_certificate_and_once():
    now = timezone.now()
    old, young = a_question(now - 90 * DAY), a_question(now - 90 * DAY + timedelta(minutes=1))
    assert re.search(rf"^detections {old.pk}: goes, its time$", dry_run(), re.M)
    assert Detection.objects.count() == 2

    assert services.sweep(at=now) == {"detections": 1}
    assert services.sweep(at=now) == {}
    assert Detection.objects.get() == young
    certificate = Destruction.objects.get().certificate
    assert certificates.is_genuine(certificate, trusted=trusted_keys())
    assert certificate["objects"] == [str(old.pk)]
    assert [row["event"] for row in certificate["audit"]] == ["synthesis.detection.forgotten"]
    assert not certificates.is_genuine({**certificate, "objects": []}, trusted=trusted_keys())


def test_a_certificate_of_the_sweep_is_verified_by_the_same_command_as_any(tmp_path):
    a_question(timezone.now() - 91 * DAY)
    services.sweep()
    file = tmp_path / "certificate.json"
    file.write_text(json.dumps(Destruction.objects.get().certificate))
    out = StringIO()
    call_command("verify_certificate", file, stdout=out)
    assert out.getvalue().startswith("Genuine. 1 objects destroyed")


def test_a_hold_placed_between_the_dry_run_and_the_sweep_counts():
    voice = standins.active_voice()
    request = standins.spoken(voice)
    at = years(3, plus=DAY)
    plan = [line for line in services.plan(at=at) if line.kind == "scripts"]
    assert [(line.id, line.goes) for line in plan] == [(str(request.pk), True)]

    hold = held(voice.account, at=at)
    assert [(line.because, line.goes) for line in services.plan(at=at) if line.kind == "scripts"] == [
        ("a legal hold", False)
    ]
    services.sweep(at=at)
    request.refresh_from_db()
    assert bytes(request.script)
    assert Screening.objects.filter(request=request).exists()

    sanctions.lift(hold, actor=make_user(staff=True), reason="The court is done.", at=at)
    assert services.sweep(at=at)["scripts"] == 1
    request.refresh_from_db()
    assert bytes(request.script) == b""


def test_what_cannot_be_destroyed_holds_up_nothing_else(monkeypatch):
    now = timezone.now()
    bad, good = a_question(now - 91 * DAY), a_question(now - 92 * DAY)
    forget = forgetting.forget_detection

    def fail_once(one: Detection) -> None:
        if one.pk == bad.pk:
            raise OSError("the disk says no")
        forget(one)

    monkeypatch.setattr(forgetting, "forget_detection", fail_once)
    with pytest.raises(refusals.SweepIncomplete) as refused:
        services.sweep(at=now)
    assert "1 objects" in str(refused.value)
    assert not Detection.objects.filter(pk=good.pk).exists()
    monkeypatch.undo()
    assert services.sweep(at=now) == {"detections": 1}


def test_a_sweep_that_is_killed_goes_on_where_it_was(monkeypatch):
    now = timezone.now()
    for day in range(5):
        a_question(now - (95 + day) * DAY)
    monkeypatch.setattr(services, "BATCH", 2)
    left = iter([None, None])

    class Killed(BaseException):
        pass

    def tell() -> None:
        if next(left, "over") == "over":
            raise Killed

    with pytest.raises(Killed):
        services.sweep(at=now, tell=tell)
    assert 0 < Detection.objects.count() < 5
    services.sweep(at=now)
    assert Detection.objects.count() == 0
    assert sorted(Destruction.objects.values_list("count", flat=True)) == [1, 2, 2]
    gone = [pk for one in Destruction.objects.all() for pk in one.certificate["objects"]]
    assert len(gone) == len({*gone}) == 5


def test_a_voice_that_was_begun_and_left_goes_after_ninety_days():
    voice = factories.declared_voice()
    later = timezone.now() + 90 * DAY + timedelta(seconds=5)
    assert services.sweep(at=later - timedelta(minutes=1)) == {}
    assert services.sweep(at=later) == {"drafts": 1}
    voice.refresh_from_db()
    assert voice.status == Voice.Status.DELETED
    assert Revocation.objects.get(voice=voice).by == Revocation.By.RETENTION
    standins.drain()
    assert Revocation.objects.get(voice=voice).certificate
    assert services.sweep(at=later) == {}


def test_recordings_of_a_refused_voice_wait_for_the_time_to_appeal():
    voice = standins.voice_in_review()
    factories.decide(voice, "reject")
    later = timezone.now() + 180 * DAY + timedelta(minutes=1)
    assert services.sweep(at=later - 2 * DAY) == {}
    assert services.sweep(at=later) == {"refused": 1}
    standins.drain()
    assert not vault.objects.VaultObject.objects.filter(owner=voice.owner.vault_owner).exists()


def test_who_is_not_here_for_three_years_is_told_thirty_days_before_and_then_the_voice_goes():
    voice = standins.active_voice()
    limit = policies.biometric_limit(Recording.objects.filter(voice=voice).latest("received_at").received_at)
    mail.outbox.clear()
    assert services.warn(at=limit - 31 * DAY) == 0
    assert services.warn(at=limit - 29 * DAY) == 1
    assert services.warn(at=limit - 28 * DAY) == 0
    standins.drain()
    (letter,) = mail.outbox
    assert letter.to == [voice.account.email]
    assert "three years" in letter.body
    assert services.sweep(at=limit - timedelta(minutes=1)) == {}
    done = services.sweep(at=limit + timedelta(minutes=1))
    assert done["voices"] == 1
    standins.drain()
    assert Voice.objects.get(pk=voice.pk).status == Voice.Status.DELETED
    assert Revocation.objects.get(voice=voice).certificate


def test_whoever_presses_the_button_keeps_the_voice_for_three_more_years(client: Client):
    voice = standins.active_voice()
    limit = policies.biometric_limit(Recording.objects.filter(voice=voice).latest("received_at").received_at)
    services.warn(at=limit - 29 * DAY)
    mail.outbox.clear()
    standins.drain()
    link = re.search(r"/retention/keep/\S+", mail.outbox[0].body).group()
    assert "Keep my voice here" in client.get(link).content.decode()
    notice = InactivityNotice.objects.get()
    services.keep(notice, at=limit - 20 * DAY)
    assert "The voice stays" in client.get(link).content.decode()
    assert "voices" not in services.sweep(at=limit + DAY)
    assert services.warn(at=limit + DAY) == 0
    assert services.sweep(at=policies.biometric_limit(limit - 20 * DAY))["voices"] == 1
    with pytest.raises(refusals.NothingToKeep):
        services.keep(notice)
    assert "has ended" in client.get(link).content.decode()
    assert client.get("/retention/keep/guessed/").status_code == 404


def test_under_a_hold_a_voice_stays_beyond_the_limit():
    voice = standins.active_voice()
    held(voice.account)
    assert "voices" not in services.sweep(at=years(4))
    assert Voice.objects.get(pk=voice.pk).status == Voice.Status.ACTIVE


def test_evidence_stays_three_years_to_the_day_and_then_leaves_ids_alone():
    voice = standins.active_voice()
    takedowns.revoke(voice, by="account", actor=voice.account, reason="changed my mind")
    standins.drain()
    voice.refresh_from_db()
    record = ConsentRecord.objects.get(voice=voice)
    last = datetime.combine(record.retain_until, datetime.min.time(), tzinfo=UTC)
    assert "evidence" not in services.sweep(at=last)
    ended = policies.years_after(voice.status_changed_at, 3)
    assert "evidence" not in services.sweep(at=max(ended, last + DAY) - timedelta(seconds=1))
    assert services.sweep(at=max(ended, last + DAY))["evidence"] == 1
    for model in (ConsentRecord, Statement, Attempt, Check, Recording):
        assert not model.objects.exists(), model
    voice = Voice.objects.get(pk=voice.pk)
    assert (voice.name, voice.owner.name, bytes(voice.owner.sealed_name)) == ("", "", b"")
    assert vault.is_destroyed(f"evidence:{voice.pk}")
    assert certificates.is_genuine(Revocation.objects.get(voice=voice).certificate, trusted=trusted_keys())
    assert "evidence" not in services.sweep(at=years(9))


def test_evidence_of_a_voice_whose_owner_waits_for_a_copy_is_not_over():
    voice = standins.active_voice()
    takedowns.revoke(voice, by="account", actor=voice.account, reason="changed my mind", copy=True)
    assert "evidence" not in services.sweep(at=years(5))
    assert ConsentRecord.objects.filter(voice=voice).exists()


def test_reports_and_letters_go_three_years_after_they_were_settled():
    voice = standins.active_voice()
    found = reporting.find(str(voice.pk), voice.account)["voice"]
    report = moderation.report(found, category="fraud", words="So.", address="192.0.2.1", email="a@example.org")
    assert "reports" not in [line.kind for line in services.plan(at=years(4))], "nobody has decided"
    moderation.withdraw_case(report.case, actor=None, reason="it is gone")
    done = services.sweep(at=years(3, plus=DAY))
    assert done["reports"] == 1
    report = Report.objects.get(pk=report.pk)
    assert (bytes(report.words), bytes(report.address), report.reporter, report.client) == (b"", b"", "", "")
    assert vault.is_destroyed(report.vault_owner)
    assert reports.words_of(report) == ""


def test_a_notice_goes_three_years_after_it_was_settled_and_its_fact_stays():
    notice, now = notified.give(), timezone.now()
    services.sweep(at=years(4))
    notice.refresh_from_db()
    assert notice.sealed, "what is not settled waits"
    Notice.objects.filter(pk=notice.pk).update(settled_at=now, status=Notice.Status.RESOLVED)
    services.sweep(at=years(3) - timedelta(minutes=1))
    notice.refresh_from_db()
    assert notice.sealed
    assert services.sweep(at=years(3, plus=timedelta(minutes=1)))["notices"] == 1
    notice.refresh_from_db()
    assert (bytes(notice.sealed), notice.notifier, notice.ip_address) == (b"", "", None)
    assert vault.is_destroyed(notice.vault_owner)
    assert notices.details_of(notice).name == ""


def test_an_attempt_to_clone_a_forbidden_voice_goes_after_three_years():
    attempt = never.record_attempt(make_user(), rule=OFFICE, whose="self", name="A Name")
    services.sweep(at=years(3) - DAY)
    assert ForbiddenAttempt.objects.exists()
    services.sweep(at=years(3, plus=2 * DAY))
    assert not ForbiddenAttempt.objects.exists()
    assert vault.is_destroyed(attempt.vault_owner)


def test_an_account_that_never_confirmed_its_address_goes_after_thirty_days():
    never = User.objects.create_user("never@example.org", None, full_name="Never Came")
    accounts.welcome(never)
    here = make_user()
    assert services.sweep(at=timezone.now() + 29 * DAY) == {}
    assert services.sweep(at=timezone.now() + 31 * DAY) == {"unconfirmed": 1}
    never.refresh_from_db()
    assert (never.status, never.full_name) == (Status.ERASED, "")
    assert "never@" not in never.email
    assert User.objects.get(pk=here.pk).status == Status.ACTIVE
    assert not FormerAddress.objects.exists()


def test_the_ledger_of_an_erased_account_goes_after_ten_years():
    account = make_user()
    accounts.balance(account)
    accounts.close(account, actor=account, reason="so")
    accounts.erase(account)
    assert services.sweep(at=years(10, plus=-DAY)) == {}
    assert services.sweep(at=years(10, plus=DAY)) == {"ledger": 1}
    assert not CreditEntry.objects.filter(user=account).exists()


def test_jobs_are_forgotten_after_ninety_days_but_those_that_were_given_up():
    done, dead = jobs.enqueue("takedowns.resume", ""), jobs.enqueue("takedowns.resume", "")
    now = timezone.now()
    Job.objects.filter(pk=done.pk).update(status=Job.Status.DONE, finished_at=now - 91 * DAY)
    Job.objects.filter(pk=dead.pk).update(status=Job.Status.DEAD, finished_at=now - 91 * DAY)
    services.sweep(at=now)
    assert [job.pk for job in Job.objects.filter(name="takedowns.resume")] == [dead.pk]


def test_sweep_vault_and_retention_run_by_themselves():
    every = {handler.name: handler.every for handler in jobs.registry.periodic()}
    assert every["takedowns.retention"] == 24 * 3600
    assert every["velluto.sweep_vault"] == 3600
    jobs.enqueue("takedowns.retention", "")
    jobs.drain()
    assert jobs.latest("takedowns.retention", "").status == Job.Status.DONE


def test_the_schedule_is_public_and_made_from_the_rules(client: Client):
    page = client.get("/retention/").content.decode()
    for one in services.schedule():
        assert one.rule.words.replace("'", "&#x27;") in page
    assert AuditEvent.objects.count() == 0


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time: no race to see")
@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_a_hold_that_comes_in_this_moment_waits_for_what_is_being_destroyed_or_stops_it(monkeypatch):
    voice = standins.active_voice()
    first, second = standins.spoken(voice), standins.spoken(voice, "Another text.")
    monkeypatch.setattr(services, "BATCH", 1)
    inside, forget, at = Event(), forgetting.forget_script, years(3, plus=DAY)

    def slowly(request) -> None:
        inside.set()
        sleep(0.5)  # the hold is asked for in this time, and waits for the account's row
        forget(request)

    monkeypatch.setattr(forgetting, "forget_script", slowly)

    def hold() -> int:
        try:
            assert inside.wait(20)
            held(voice.account, at=at)
            return voice.account.speech_requests.exclude(script=b"").count()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        left = pool.submit(hold)
        services.sweep(at=at)
        assert left.result() == 1, "one text was gone before the hold stood, and none went after it"
    assert sum(bool(bytes(one.script)) for one in voice.account.speech_requests.all()) == 1
    assert {first.pk, second.pk} == {*voice.account.speech_requests.values_list("pk", flat=True)}
