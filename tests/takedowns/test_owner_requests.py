"""A Voice Owner without a link: e-mail, voice and a human; then their portal, or reasons and an appeal."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import timedelta
from unittest import mock

import numpy as np
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent import policies as gate
from consent.measuring import Measurement
from consent.models import ConsentRecord, OwnerLink
from consent.refusals import ConsentPaused
from moderation import refusals as moderation_refusals
from moderation import services as moderation
from moderation.models import Case
from moderation.services import appeals
from takedowns import cascade
from takedowns.deadlines import services as deadlines
from takedowns.models import Deadline, OwnerPhrase, OwnerRecording, OwnerRequest, PortalLink, Revocation
from takedowns.requests import measuring, policies, refusals, services
from takedowns.requests.services import settling
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.consent.test_pages import signed_in
from tests.doors.house import sign_in
from tests.takedowns.owners import entrusted, later, link_to
from velluto import jobs, vault
from velluto.audit.models import AuditEvent
from velluto.engines.base import Embedding
from velluto.vault.models import DataKey, VaultObject
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

WAV = {"Accept": "application/json"}
ASKED = {"name": "Alice Baker", "email": "alice@example.org", "hints": "In a film."}


def asked(client: Client | None = None, **changed: object) -> str:
    """Ask as anybody would; return the path of the link that came by mail."""
    given = {**ASKED, "wants": ["delete", "copy"], **changed}
    answer = (client or Client()).post(reverse("owner-requests:ask"), given)
    assert answer.status_code == 302, answer.content.decode()
    standins.drain()
    letter = [one for one in mail.outbox if "go on with your request" in one.subject][-1]
    assert letter.to == [given["email"]]
    return re.search(r"/owner-request/\S+", letter.body)[0]


def measured(passed: bool = True, voice: tuple[float, ...] = (0.5, 0.5, 0.5, 0.5)):
    """Let a machine find what a step requires; the voice is that of every stand-in."""

    def measure(recording: OwnerRecording, **options: object) -> Measurement:
        found = Measurement()
        found.findings = [
            gate.Finding(code, code, 1.0, 1.0, "", passed, "It is so.", "stand-in", "1")
            for code in gate.REQUIRED[recording.step]
        ]
        found.voiceprint = Embedding(np.array(voice, np.float32), "stand-in", "1")
        return found

    return mock.patch.object(measuring, "measure", measure)


def sound(seconds: float) -> SimpleUploadedFile:
    return SimpleUploadedFile("reading.wav", standins._file(seconds).getvalue())


def read_aloud(link: str, client: Client | None = None, **how: object) -> None:
    """Hand in the sample and answer the phrase, by the pages."""
    client = client or Client()
    with measured(**how):
        assert client.post(f"{link}sample/", {"audio": sound(31)}, headers=WAV).json() == {"next": link}
        assert "Being checked" in client.get(link).content.decode()
        jobs.drain()
        shown = client.post(f"{link}phrase/", headers=WAV).json()
        assert len(shown["phrase"].split()) == 5
        answer = client.post(f"{link}answer/", {"audio": sound(3), "challenge": shown["challenge"]}, headers=WAV)
        assert answer.status_code == 200, answer.content
        jobs.drain()


def before_a_human(**changed: object) -> tuple[OwnerRequest, Case]:
    link = asked(**changed)
    read_aloud(link)
    request = OwnerRequest.objects.get()
    return request, Case.objects.about(request).waiting().get()


def judged(request: OwnerRequest, case: Case, *voices: Voice):
    actor = factories.moderator()
    moderation.claim(case, actor=actor)
    for voice in voices:
        services.choose(request, voice=voice, chosen=True, actor=actor)
    return actor


def decide(case: Case, choice: str, actor) -> None:
    moderation.decide(case, choice=choice, section="5", reason="The same person speaks.", actor=actor)
    later()


def test_by_mail_voice_and_a_human_somebody_elses_upload_is_ended_with_a_copy_and_a_lasting_link():
    voice = standins.active_voice(make_user("mallory@example.org", full_name="Mallory"))  # "my own voice", it said
    digests = sorted(voice.recordings.values_list("sha256", flat=True))
    request, case = before_a_human()
    (match,) = request.matches.all()
    assert (match.voice, match.score, match.chosen) == (voice, 1.0, False)
    actor = judged(request, case, voice)
    mail.outbox.clear()
    decide(case, "confirm", actor)

    request.refresh_from_db()
    voice.refresh_from_db()
    assert (request.status, voice.status) == (OwnerRequest.Status.DONE, Voice.Status.DELETED)
    revocation = Revocation.objects.get()
    assert (revocation.by, revocation.copy_wanted, revocation.actor) == ("voice_owner", True, None)
    (brought,) = [letter for letter in mail.outbox if "in your hands" in letter.subject]
    assert brought.to == ["alice@example.org"]
    portal = re.search(r"/my-voice/\S+/", brought.body)[0]
    html = Client().get(portal).content.decode()
    assert "Your copy waits for you" in html
    assert "mallory" not in html.lower()
    archive = Client().post(re.search(r"/copies/[^\"]+", html)[0]).content
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert sorted(hashlib.sha256(files.read(name)).hexdigest() for name in files.namelist()) == digests
    # The account hears what ended, not who asked; it cannot object, and its own page offers nothing to undo it.
    to_mallory = [letter for letter in mail.outbox if letter.to == ["mallory@example.org"]]
    assert [letter.subject for letter in to_mallory] == ["Velluto: a voice has ended"]
    assert "Alice" not in to_mallory[0].body
    assert signed_in(voice.account).get(reverse("owners:own-portal", args=[voice.pk])).status_code == 404
    # What was read aloud is gone, and the address with it.
    assert not VaultObject.objects.filter(owner=request.vault_owner).exists()
    assert vault.is_destroyed(request.vault_owner)
    deadline = Deadline.objects.of(request).get()
    assert deadline.met_at and deadline.due_at == request.received_at + timedelta(days=30)
    # Once more is no harm, wherever the job died.
    cascade.go_on(Revocation.objects.get(), at=revocation.due_at)
    assert "Certificate of destruction" in Client().get(portal).content.decode()


def test_ceasing_pauses_the_voice_and_only_the_confirmed_owner_lifts_it_whoever_held_a_link_before():
    voice = entrusted()  # by a code on the uploader's own screen: the uploader has the receipt
    receipt = link_to(voice)
    request, case = before_a_human(wants=["cease"])
    actor = judged(request, case, voice)
    decide(case, "confirm", actor)
    assert ConsentRecord.objects.get(voice=voice).status == ConsentRecord.Status.PAUSED
    with pytest.raises(ConsentPaused):
        standins.asked(voice)
    assert Client().get(receipt).status_code == 404 and Client().post(f"{receipt}resume/").status_code == 404
    assert not OwnerLink.objects.filter(invitation__voice=voice, status="live").exists()
    portal = re.search(r"/my-voice/\S+/", mail.outbox[-1].body)[0]
    html = Client().get(portal).content.decode()
    assert "You have paused the voice" in html and "Carol" not in html
    assert Client().post(f"{portal}recordings/")["Content-Type"] == "application/zip"
    Client().post(f"{portal}resume/")
    standins.spoken(voice)


def test_a_voice_at_the_gate_cannot_be_paused_and_ends():
    voice = standins.voice_in_review()
    request, case = before_a_human(wants=["cease"])
    decide(case, "confirm", judged(request, case, voice))
    voice.refresh_from_db()
    assert voice.status == Voice.Status.DELETED


def test_no_page_says_whether_there_is_a_voice():
    def walked(voice: tuple[float, ...]) -> list[str]:
        client = Client()
        link = asked(client)
        seen = []
        with measured(voice=voice):
            for path in (link, f"{link}sample/"):
                if path.endswith("sample/"):
                    client.post(path, {"audio": sound(31)}, headers=WAV)
                    jobs.drain()
                seen.append(client.get(link).content.decode())
            shown = client.post(f"{link}phrase/", headers=WAV).json()
            client.post(f"{link}answer/", {"audio": sound(3), "challenge": shown["challenge"]}, headers=WAV)
            jobs.drain()
        seen.append(client.get(link).content.decode())
        OwnerRequest.objects.update(received_at=timezone.now() - timedelta(days=2))
        token = link.split("/")[2]
        return [re.sub(r'value="\w{64}"', "", html.replace(token, "T")) for html in seen]

    standins.active_voice()
    heard, unheard = walked((0.5, 0.5, 0.5, 0.5)), walked((-0.5, -0.5, -0.5, -0.5))
    assert heard == unheard
    first, second = OwnerRequest.objects.order_by("received_at", "pk")
    assert {first.status, second.status} == {"review"}
    assert sorted([first.matches.count(), second.matches.count()]) == [0, 1]
    assert Case.objects.filter(kind="takedowns.owner_request").waiting().count() == 2


def test_who_is_refused_gets_the_reasons_appeals_and_is_looked_at_by_somebody_else():
    voice = standins.active_voice()
    request, case = before_a_human()
    actor = judged(request, case)
    mail.outbox.clear()
    decide(case, "refuse", actor)
    (letter,) = mail.outbox
    assert "The same person speaks." in letter.body and "says nothing about whether there is one" in letter.body
    assert "Reasons" in letter.body and letter.to == ["alice@example.org"]
    assert Deadline.objects.of(request).get().met_at
    token = re.search(r"/appeals?/(\S+)/", letter.body)[1]
    appeal = appeals.file(token, words="Listen again.")
    review = Case.objects.about(appeal).waiting().get()
    with pytest.raises(moderation_refusals.CaseBarred):
        moderation.claim(review, actor=actor)
    other = factories.moderator()
    moderation.claim(review, actor=other)
    decide(review, "overturn", other)
    request.refresh_from_db()
    assert request.status == OwnerRequest.Status.REVIEW
    assert "your request is looked at again" in mail.outbox[-1].subject
    anew = Case.objects.about(request).waiting().get()
    third = judged(request, anew, voice)
    decide(anew, "confirm", third)
    assert Voice.objects.get(pk=voice.pk).status == Voice.Status.DELETED


def test_an_appeal_that_fails_is_answered_too():
    request, case = before_a_human()
    decide(case, "refuse", judged(request, case))
    appeal = appeals.file(re.search(r"/appeals?/(\S+)/", mail.outbox[-1].body)[1], words="Listen again.")
    review = Case.objects.about(appeal).waiting().get()
    other = factories.moderator()
    moderation.claim(review, actor=other)
    decide(review, "uphold", other)
    assert "The decision stands" in mail.outbox[-1].body


def test_nothing_is_confirmed_of_a_voice_that_nobody_marked_and_nobody_marks_without_the_case():
    voice = standins.active_voice()
    request, case = before_a_human()
    with pytest.raises(moderation_refusals.CaseNotClaimed):
        services.choose(request, voice=voice, chosen=True, actor=factories.moderator())
    actor = judged(request, case)
    with pytest.raises(refusals.VoiceNotNamed):
        moderation.decide(case, choice="confirm", section="5", reason="So.", actor=actor)
    assert Voice.objects.get(pk=voice.pk).status == Voice.Status.ACTIVE
    assert OwnerRequest.objects.get().status == OwnerRequest.Status.REVIEW


def test_a_moderator_hears_marks_and_confirms_on_the_page(client):
    voice = standins.active_voice()
    request, case = before_a_human()
    moderator = factories.moderator()
    sign_in(client, moderator)
    moderation.claim(case, actor=moderator)
    here = reverse("admin:moderation_case_change", args=[case.pk])
    html = client.get(here).content.decode()
    for words in ("Alice Baker", "alice@example.org", "In a film.", "1.000", "This is their voice", "delete the voice"):
        assert words in html, words
    sounds = re.findall(r'src="(/admin/takedowns/ownerrequest/recordings/[^"]+)"', html)
    assert len(sounds) == 2
    answer = client.get(sounds[0].replace("&amp;", "&"))
    assert b"".join(answer.streaming_content if answer.streaming else [answer.content])[:4] == b"fLaC"
    assert AuditEvent.objects.filter(event="takedowns.owner_recording.listened").count() == 1
    judge = reverse("admin:takedowns_ownerrequest_judge", args=[request.pk])
    client.post(judge, {"voice": voice.pk, "chosen": "yes"})
    assert request.matches.get().chosen_by == moderator
    client.post(judge, {"voice": voice.pk, "chosen": "no"})
    assert not request.matches.get().chosen
    assert (
        "There is no such voice"
        in client.post(judge, {"voice": case.pk, "chosen": "yes"}, follow=True).content.decode()
    )


def test_the_account_that_has_the_voice_never_decides_about_it():
    staff = factories.moderator()
    standins.active_voice(staff)
    _, case = before_a_human()
    with pytest.raises(moderation_refusals.CaseBarred):
        moderation.claim(case, actor=staff)


def test_three_readings_that_do_not_pass_lead_to_a_human_all_the_same():
    standins.active_voice()
    link, client = asked(), Client()
    with measured(passed=False):
        for left in (2, 1):
            client.post(f"{link}sample/", {"audio": sound(31)}, headers=WAV)
            jobs.drain()
            html = client.get(link).content.decode()
            assert "The last one did not pass" in html and f"{left} more" in html
        client.post(f"{link}sample/", {"audio": sound(31)}, headers=WAV)
        jobs.drain()
    request = OwnerRequest.objects.get()
    assert request.status == OwnerRequest.Status.REVIEW and request.matches.count() == 1
    assert "You have done everything" in client.get(link).content.decode()
    refused = client.post(f"{link}sample/", {"audio": sound(31)}, headers=WAV)
    assert refused.json()["error"]["code"] == "owner_request_step_closed"


def test_a_phrase_counts_once_and_in_time():
    link = asked()
    with measured():
        Client().post(f"{link}sample/", {"audio": sound(31)}, headers=WAV)
        jobs.drain()
    request = OwnerRequest.objects.get()
    now = timezone.now()
    phrase = services.show_phrase(request, at=now)
    with pytest.raises(Exception, match="too late"):
        services.answer_phrase(phrase, standins._file(3), at=now + timedelta(seconds=30))
    phrase = services.show_phrase(request, at=now)
    services.answer_phrase(phrase, standins._file(3), at=now + timedelta(seconds=5))
    with pytest.raises(refusals.RequestStepClosed):
        services.answer_phrase(OwnerPhrase.objects.get(pk=phrase.pk), standins._file(3), at=now + timedelta(seconds=6))


def test_the_thirty_days_run_from_receipt_whatever_happens_and_a_breach_is_recorded_once():
    request, case = before_a_human()
    late = request.received_at + timedelta(days=30, seconds=1)
    assert deadlines.sweep(at=late - timedelta(seconds=2)) == 0
    assert deadlines.sweep(at=late) == 1 and deadlines.sweep(at=late + timedelta(days=3)) == 0
    assert case.due_at <= request.received_at + timedelta(days=30)


def test_what_nobody_goes_on_with_lapses_and_is_forgotten():
    link = asked()
    request = OwnerRequest.objects.get()
    end = request.received_at + policies.LINK_LASTS
    assert services.lapse(at=end - timedelta(seconds=1)) == 0
    assert services.lapse(at=end) == 1 == 1 + services.lapse(at=end)
    assert Client().get(link).status_code == 404
    with pytest.raises(vault.KeyDestroyed):
        services.person_of(OwnerRequest.objects.get())
    assert Client().get("/owner-request/guessed/").status_code == 404


def test_requests_are_counted_for_the_address_and_for_the_caller():
    for _ in range(policies.PER_ADDRESS):
        asked()
    answer = Client().post(reverse("owner-requests:ask"), {**ASKED, "wants": ["copy"]})
    assert answer.status_code == 429
    for number in range(policies.PER_CLIENT - policies.PER_ADDRESS):
        asked(email=f"a{number}@example.org")
    answer = Client().post(reverse("owner-requests:ask"), {**ASKED, "email": "z@example.org", "wants": ["copy"]})
    assert answer.status_code == 429
    assert Client().post(reverse("owner-requests:ask"), {**ASKED, "email": "y@example.org"}).status_code == 422


def test_a_job_that_dies_while_it_carries_out_a_request_goes_on_and_does_each_thing_once(monkeypatch):
    voice = standins.active_voice()
    request, case = before_a_human()
    actor = judged(request, case, voice)
    moderation.decide(case, choice="confirm", section="5", reason="So.", actor=actor)

    class Killed(BaseException):
        pass

    points = ["portal.given", "revocation.received", "request.honoured"]
    record = settling.audit.record

    def recorded(event: str, **options: object):
        row = record(event, **options)
        for point in points:
            if event.endswith(point):
                points.remove(point)
                raise Killed
        return row

    monkeypatch.setattr(settling.audit, "record", recorded)
    while points:
        with pytest.raises(Killed):
            services.honour(request.matches.get())
    services.honour(request.matches.get())
    services.finish(OwnerRequest.objects.get())
    later()
    assert (PortalLink.objects.count(), Revocation.objects.count()) == (1, 1)
    assert AuditEvent.objects.filter(event="takedowns.owner_request.honoured").count() == 1
    assert OwnerRequest.objects.get().status == OwnerRequest.Status.DONE


def test_with_the_real_engines_the_voice_is_found_and_another_persons_reading_is_not_hers():
    voice = factories.voice_at("representations")
    link, client = asked(wants=["copy"]), Client()
    client.post(f"{link}sample/", {"audio": SimpleUploadedFile("a.wav", factories.sample().getvalue())}, headers=WAV)
    jobs.drain()
    request = OwnerRequest.objects.get()
    assert request.recordings.get().status == "passed", request.recordings.get().findings
    phrase = services.show_phrase(request)
    with mock.patch.object(settling.taking.gate, "captcha_in_time", return_value=True):
        services.answer_phrase(phrase, factories.recording(", ".join(phrase.words), speaker=factories.BOB))
    jobs.drain()
    reading = request.recordings.get(step="captcha")
    assert reading.status == "failed"
    assert [one["code"] for one in reading.findings if not one["passed"]][-1:] == ["speaker"]
    found = measuring.find(request)
    assert found[0].voice_id == voice.pk and found[0].score > 0.9
    assert DataKey.objects.filter(owner=request.vault_owner).exists()
