"""A revocation runs to its end once, wherever it is killed, and leaves nothing but evidence and a certificate."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Timer

import numpy as np
import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from consent.models import ConsentRecord
from consent.refusals import ConsentEnded
from synthesis import services as synthesis
from synthesis.making import Made
from synthesis.models import Output, SpeechRequest
from takedowns import cascade, certificates, refusals, services
from takedowns.models import Revocation, RevocationStep
from tests import standins
from velluto import audit, jobs, vault
from velluto.audit import record
from velluto.audit.checkpoints import trusted_keys
from velluto.audit.models import AuditEvent
from velluto.engines.base import Embedding, Mark
from velluto.jobs import Run, queue
from velluto.vault.models import DataKey, VaultObject
from voices import services as voices
from voices.models import Voice, Voiceprint

committed = pytest.mark.django_db(databases=["default", "keys"], transaction=True)
pytestmark = pytest.mark.django_db(databases=["default", "keys"])
STEPS = [name for name, _, _ in cascade.STEPS]


class Killed(BaseException):
    """A process that dies runs no handler of its own."""


def revoked(voice: Voice, **options) -> Revocation:
    return services.revoke(voice, by="voice_owner", actor=voice.account, reason="changed my mind", **options)


def fresh(revocation: Revocation) -> Revocation:
    return Revocation.objects.get(pk=revocation.pk)


@pytest.fixture
def killing(monkeypatch):
    """Kill at every point once: in each step before its commit, and after it."""
    points = [(name, moment) for name in STEPS for moment in ("inside", "between")]

    def recorded(event: str, **options):
        row = record(event, **options)
        point = ((options.get("data") or {}).get("step"), "inside")
        if event == "takedowns.revocation.step" and point in points:
            points.remove(point)
            raise Killed(point)
        return row

    def between(revocation: Revocation) -> None:
        for name in revocation.steps.values_list("step", flat=True):
            if (name, "between") in points:
                points.remove((name, "between"))
                raise Killed(name, "between")

    monkeypatch.setattr(audit, "record", recorded)
    return points, between


@committed
def test_killed_in_and_after_every_step_it_goes_on_and_ends_exactly_once(killing):
    points, between = killing
    voice = standins.active_voice()
    account = voice.account
    before = accounts.balance(account)
    waiting = [standins.asked(voice, text) for text in ("One.", "Two.")]
    spoken = before - accounts.balance(account)
    assert spoken > 0
    owner = voice.owner.vault_owner
    objects = set(VaultObject.objects.filter(owner=owner).values_list("name", flat=True))
    revocation = revoked(voice)
    assert not Voice.objects.active().exists()
    mail.outbox.clear()

    deaths = 0
    while points:
        try:
            cascade.go_on(fresh(revocation), tell=lambda: between(revocation))
            between(revocation)
        except Killed:
            deaths += 1
    assert deaths == 2 * len(STEPS)
    standins.drain()

    revocation = fresh(revocation)
    assert revocation.status == Revocation.Status.DONE
    assert Counter(revocation.steps.values_list("step", flat=True)) == Counter(STEPS)
    events = Counter(
        AuditEvent.objects.filter(subject_id__in=[str(revocation.pk), owner]).values_list("event", flat=True)
    )
    assert events["takedowns.revocation.step"] == len(STEPS)
    assert events["takedowns.revocation.done"] == events["vault.key_destroyed"] == 1
    assert accounts.balance(account) == before
    for request in waiting:
        request.refresh_from_db()
        assert (request.status, request.error_code) == (SpeechRequest.Status.FAILED, ConsentEnded.code)
    assert not VaultObject.objects.filter(owner=owner).exists()
    assert not any(vault.objects.storage().exists(name) for name in objects)
    assert not Voiceprint.objects.filter(recording__voice=voice).exists()
    assert bytes(DataKey.objects.get(owner=owner).wrapped) == b""
    assert ConsentRecord.objects.get(voice=voice).status == ConsentRecord.Status.WITHDRAWN
    assert [letter.subject for letter in mail.outbox] == [
        "Velluto: a voice has ended",
        "Velluto: certificate of destruction",
    ]


@committed
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time: no race to see")
def test_workers_that_meet_in_one_cascade_do_each_step_once():
    voice = standins.active_voice()
    for text in ("One.", "Two."):
        standins.asked(voice, text)
    revocation = revoked(voice)
    gate = Barrier(4)

    def work(number: int) -> bool:
        try:
            gate.wait()
            return cascade.go_on(fresh(revocation))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))
    assert Counter(revocation.steps.values_list("step", flat=True)) == Counter(STEPS)
    events = Counter(AuditEvent.objects.values_list("event", flat=True))
    assert events["takedowns.revocation.done"] == events["vault.key_destroyed"] == 1
    assert events["synthesis.speechrequest.failed"] == 2


@committed
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time: no race to see")
def test_of_many_who_revoke_at_once_one_does():
    voice = standins.active_voice()
    gate = Barrier(4)

    def ask(number: int) -> bool:
        try:
            gate.wait()
            revoked(Voice.objects.get(pk=voice.pk))
            return True
        except refusals.VoiceEnded:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(4))) == 1


@committed
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time: no race to see")
def test_what_is_published_in_the_moment_of_a_revocation_gets_its_last_day(monkeypatch):
    voice = standins.active_voice()
    request = standins.asked(voice)
    run = Run(queue.claim("gpu", "here"))
    synthesis.start(request)
    made = Made(b"sound", 1.0, Mark(77, 0.0, 1.0, 1.0, "stand-in", "1"), False, False)
    inside, go = Event(), Event()
    put = vault.put

    def put_late(*args: object) -> str:
        inside.set()
        assert go.wait(20)
        return put(*args)

    def publish() -> None:
        try:
            synthesis.publish(run, request, made)
        finally:
            connections.close_all()

    def revoke() -> Revocation:
        try:
            assert inside.wait(20)
            Timer(0.3, go.set).start()  # until then this waits for the lock that the publishing holds
            return revoked(voice)
        finally:
            connections.close_all()

    monkeypatch.setattr(synthesis.vault, "put", put_late)
    with ThreadPoolExecutor(2) as pool:
        published, ended = pool.submit(publish), pool.submit(revoke)
        published.result()
        received_at = ended.result().received_at
    assert Output.objects.get().delete_after == received_at + timedelta(days=30)


@committed
def test_a_key_closed_by_a_process_that_died_is_overwritten_before_anything_is_certified(monkeypatch):
    voice = standins.active_voice()
    revocation = revoked(voice)
    owner = voice.owner.vault_owner
    burn = vault.keys._burn
    monkeypatch.setattr(vault.keys, "_burn", lambda owner: None)  # died right after the commit
    assert not cascade.go_on(fresh(revocation))
    assert bytes(DataKey.objects.get(owner=owner).wrapped) != b""
    assert not fresh(revocation).certificate
    monkeypatch.setattr(vault.keys, "_burn", burn)
    assert cascade.go_on(fresh(revocation))
    assert bytes(DataKey.objects.get(owner=owner).wrapped) == b""


def test_nothing_is_certified_while_an_object_of_the_voice_is_left(monkeypatch):
    voice = standins.active_voice()
    revocation = revoked(voice)
    delete = vault.delete
    kept = voice.recordings.first().object
    monkeypatch.setattr(cascade.vault, "delete", lambda name: None if name == kept else delete(name))
    with pytest.raises(refusals.NotYetDestroyed):
        cascade.go_on(fresh(revocation))
    assert fresh(revocation).status == Revocation.Status.RUNNING


def test_what_work_under_way_leaves_after_the_model_is_deleted_goes_with_the_recordings():
    voice = standins.active_voice()
    revocation = revoked(voice, copy=True)
    standins.drain()  # waits for the copy now: model and voiceprints are gone, the key is not
    recording = voice.recordings.first()
    voices.keep_voiceprint(recording, Embedding(np.ones(4, np.float32) / 2, "stand-in", "1"))
    late = vault.put(voice.owner.vault_owner, "recording.sample", b"came late")
    assert cascade.go_on(fresh(revocation), at=revocation.due_at)
    certificate = fresh(revocation).certificate
    assert late in {entry["object"] for entry in certificate["objects"]}
    assert str(recording.pk) in certificate["voiceprints"]
    assert not Voiceprint.objects.exists()


@committed
def test_the_copy_is_delivered_before_the_recordings_are_destroyed():
    voice = standins.active_voice()
    digests = set(voice.recordings.values_list("sha256", flat=True))
    revocation = revoked(voice, copy=True)
    standins.drain()
    assert Voice.objects.get(pk=voice.pk).status == Voice.Status.DELETED
    assert not Voiceprint.objects.exists()  # what no copy waits for is gone at once
    assert len(voice.recordings.all()) == VaultObject.objects.filter(owner=voice.owner.vault_owner).count()

    link = next(re.search(r"http\S+", letter.body)[0] for letter in mail.outbox if "copy" in letter.subject)
    path = link.partition("localhost:8000")[2]
    client = Client()
    assert "Download" in client.get(path).content.decode()
    assert fresh(revocation).copy_fetched_at is None  # a program that follows links fetches nothing
    archive = client.post(path).content
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert {hashlib.sha256(files.read(name)).hexdigest() for name in files.namelist()} == digests
    fetched_at = fresh(revocation).copy_fetched_at
    assert client.post(path).content == archive  # a download that broke off is repeated

    standins.drain()
    assert services.resume(at=fetched_at + timedelta(hours=23)) == 0
    assert services.resume(at=fetched_at + timedelta(days=1)) == 1
    assert cascade.go_on(fresh(revocation), at=fetched_at + timedelta(days=1))
    assert not VaultObject.objects.exists()
    assert not DataKey.objects.filter(owner__startswith="revocation:", destroyed_at=None).exists()
    gone = client.get(path) if fresh(revocation).copy_until < timezone.now() else client.post(path)
    assert gone.status_code in (404, 410)


def test_a_copy_that_nobody_fetches_holds_nothing_up_beyond_the_30_days():
    revocation = revoked(standins.active_voice(), copy=True)
    standins.drain()
    revocation = fresh(revocation)
    assert revocation.status == Revocation.Status.RUNNING
    last = revocation.received_at + timedelta(days=29)
    assert not cascade.go_on(revocation, at=last - timedelta(seconds=1))
    with pytest.raises(refusals.CopyGone):
        services.fetch_copy(revocation, at=last)
    assert cascade.go_on(fresh(revocation), at=last)
    assert fresh(revocation).finished_at < revocation.due_at


def test_an_owner_without_an_account_is_told_at_the_address_given_which_is_then_forgotten():
    voice = standins.active_voice()
    revocation = services.revoke(
        voice, by="voice_owner", actor=None, reason="asked by mail", copy=True, contact="owner@example.org"
    )
    assert b"owner@example.org" not in bytes(revocation.contact)
    standins.drain()
    cascade.go_on(fresh(revocation), at=revocation.due_at)
    standins.drain()
    to_owner = [letter.subject for letter in mail.outbox if letter.to == ["owner@example.org"]]
    assert to_owner == ["Velluto: the copy of your recordings", "Velluto: certificate of destruction"]
    with pytest.raises(vault.KeyDestroyed):
        services.owner_address(fresh(revocation))
    event = AuditEvent.objects.get(event="takedowns.revocation.received")
    assert event.actor == f"voice-owner:{voice.owner_id}"


def test_the_certificate_lists_what_was_destroyed_is_signed_and_notices_any_change(client, tmp_path):
    voice = standins.active_voice()
    recordings = {recording.object: recording.sha256 for recording in voice.recordings.all()}
    voiceprints = Voiceprint.objects.count()
    revocation = revoked(voice)
    standins.drain()
    link = next(re.search(r"http\S+", letter.body)[0] for letter in mail.outbox if "certificate" in letter.subject)
    path = link.partition("localhost:8000")[2]
    assert "signature verified" in client.get(path).content.decode()
    certificate = json.loads(client.get(f"{path}signed.json").content)
    listed = {entry["object"]: entry["sha256"] for entry in certificate["objects"]}
    assert recordings.items() < listed.items()
    assert len(listed) == len(recordings) + 1  # and the model
    assert len(certificate["voiceprints"]) == voiceprints
    rows = {row["number"]: row["digest"] for row in certificate["audit"]}
    assert rows == dict(AuditEvent.objects.filter(pk__in=rows).values_list("pk", "digest"))
    assert {"vault.key_destroyed", "consent.consentrecord.withdrawn"} <= {row["event"] for row in certificate["audit"]}
    assert voice.account.email not in json.dumps(certificate)
    assert voice.owner.name not in json.dumps(certificate)

    trusted = trusted_keys()
    assert certificates.is_genuine(certificate, trusted=trusted)
    assert not certificates.is_genuine(certificate, trusted={"00" * 32})
    for name in certificate:
        assert not certificates.is_genuine({**certificate, name: "another"}, trusted=trusted), name
    file = tmp_path / "certificate.json"
    file.write_bytes(client.get(f"{path}signed.json").content)
    call_command("verify_certificate", file, public_key=certificate["public_key"])
    file.write_text(json.dumps({**certificate, "objects": []}))
    with pytest.raises(CommandError, match="changed"):
        call_command("verify_certificate", file)
    assert certificates.digest(certificate) == revocation.steps.get(step="certified").receipt["sha256"]


def test_a_revocation_happens_once(client):
    voice = standins.active_voice()
    revoked(voice)
    with pytest.raises(refusals.VoiceEnded):
        revoked(voice)
    assert Revocation.objects.count() == 1


def test_a_withdrawal_that_came_another_way_ends_in_the_same_cascade():
    from consent import services as consent

    voice = standins.active_voice()
    consent.withdraw(voice, actor=voice.account, reason="changed my mind")
    standins.drain()
    assert voice.revocation.status == Revocation.Status.DONE


def test_what_is_late_is_said_once_and_stays_on_record():
    revocation = revoked(standins.active_voice(), copy=True)
    later = revocation.due_at + timedelta(seconds=1)
    for _ in range(2):
        services.resume(at=later)
    assert fresh(revocation).overdue_at == later
    assert AuditEvent.objects.filter(event="takedowns.revocation.overdue").count() == 1


def test_what_died_for_good_waits_for_the_operator_and_is_not_started_over_and_over():
    revocation = revoked(standins.active_voice())
    jobs.Job.objects.filter(name=services.CASCADE).update(status=jobs.Job.Status.DEAD)
    assert services.resume() == 0
    jobs.Job.objects.filter(name=services.CASCADE).delete()
    assert services.resume() == 1
    standins.drain()
    assert fresh(revocation).status == Revocation.Status.DONE


def test_the_account_holder_ends_a_voice_on_a_page_and_follows_it(client):
    voice = standins.active_voice()
    speech = standins.spoken(voice)
    client.force_login(voice.account)
    assert "Send me a copy" in client.get(f"/voices/{voice.pk}/delete/").content.decode()
    answer = client.post(f"/voices/{voice.pk}/delete/")
    assert answer["Location"] == f"/voices/{voice.pk}/end/"
    assert "to come" in client.get(answer["Location"]).content.decode()
    speech.output.refresh_from_db()
    assert speech.output.delete_after == voice.revocation.received_at + timedelta(days=30)
    standins.drain()
    page = client.get(answer["Location"]).content.decode()
    assert "Everything is destroyed" in page
    assert "to come" not in page
    assert "takedowns" not in page
    assert f"/voices/{voice.pk}/end/" in client.get(f"/voices/{voice.pk}/").content.decode()
    assert RevocationStep.objects.count() == len(STEPS)
