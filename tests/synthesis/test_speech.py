"""Speaking: what is taken, what is released, what is refused, and that credits come back."""

from __future__ import annotations

import io
from uuid import uuid4

import numpy as np
import pytest
from django.db import transaction

from accounts import services as accounts
from consent import services as consent
from consent.refusals import ConsentEnded
from synthesis import making, policies, refusals, services
from synthesis.models import Output, SpeechRequest
from tests import factories
from velluto import engines, jobs, vault
from velluto.audio import export, intake
from velluto.audio.refusals import AudioRefusal
from velluto.audio.signal import Audio
from velluto.audit.models import AuditEvent
from velluto.engines.base import Mark
from velluto.jobs import Job
from velluto.vault.models import VaultObject

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

TEXT = "This is a sentence that lasts for more than five seconds, because it goes on, and on, and does not stop early."


@pytest.fixture
def voice(db):
    return factories.active_voice()


def asked(voice, text: str = TEXT, **options) -> SpeechRequest:
    return services.request_speech(account=voice.account, voice=voice, text=text, **options)


def done(request: SpeechRequest) -> SpeechRequest:
    for _ in range(3):
        Job.objects.filter(status="queued").update(due_at=request.requested_at)
        jobs.drain()
    request.refresh_from_db()
    return request


@pytest.mark.parametrize("fmt", export.FORMATS)
def test_every_format_is_marked_signed_where_it_can_be_encrypted_and_leads_back(voice, fmt: str):
    request = done(asked(voice, format=fmt))
    assert request.status == SpeechRequest.Status.DONE, request.error
    output = request.output
    with services.open_output(output, actor=voice.account) as stream:
        content = stream.read()
    assert len(content) == output.size
    marks = engines.watermark().detect(intake.decode(content))
    assert [mark.payload for mark in marks] == [output.payload]
    report = engines.provenance().read(content, fmt)
    assert output.signed == engines.provenance().carries(fmt) == (report is not None)
    if report:
        assert report.valid
        assert report.record_id == str(request.pk)
        assert voice.owner.name.encode() not in content
    with vault.objects.storage().open(output.object) as stored:
        assert content[:64] not in stored.read()


def test_a_text_too_short_for_the_mark_begins_with_the_spoken_notice(voice):
    request = done(asked(voice, text="Hi."))
    assert request.status == SpeechRequest.Status.DONE, request.error
    assert request.output.disclosed
    assert request.output.seconds >= engines.watermark().shortest


def test_no_mark_no_release_and_the_credits_come_back(voice, monkeypatch):
    before = accounts.balance(voice.account)
    monkeypatch.setattr(making, "read_back", lambda content, payload: None)
    request = done(asked(voice))
    assert (request.status, request.error_code) == ("failed", "mark_not_recoverable")
    assert not Output.objects.exists()
    assert accounts.balance(voice.account) == before


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", refusals.ScriptEmpty),
        (" \n\t ...!? ", refusals.ScriptEmpty),
        ("a" * (policies.LONGEST_SCRIPT + 1), refusals.ScriptTooLong),
    ],
)
def test_a_text_that_is_empty_or_too_long_is_refused_and_costs_nothing(voice, text: str, refusal: type):
    before = accounts.balance(voice.account)
    with pytest.raises(refusal):
        asked(voice, text=text)
    assert accounts.balance(voice.account) == before
    assert not SpeechRequest.objects.exists()


def test_somebody_elses_voice_does_not_exist(voice):
    stranger = factories.make_user()
    with pytest.raises(refusals.VoiceUnknown) as refused:
        services.request_speech(account=stranger, voice=voice, text=TEXT)
    assert refused.value.status == 404
    assert not SpeechRequest.objects.exists()


def test_unknown_language_pace_and_format_are_refused(voice):
    for options, refusal in (
        ({"language": "tlh"}, refusals.LanguageUnknown),
        ({"pace": 3.0}, refusals.PaceRefused),
        ({"format": "exe"}, refusals.FormatUnknown),
    ):
        with pytest.raises(refusal):
            asked(voice, **options)


def test_a_text_costs_its_characters_once(voice):
    before = accounts.balance(voice.account)
    request = done(asked(voice))
    assert before - accounts.balance(voice.account) == request.characters == len(TEXT)


def test_what_is_sent_twice_is_spoken_and_paid_for_once(voice, client):
    before = accounts.balance(voice.account)
    client.force_login(voice.account)
    form = {"voice": voice.pk, "text": TEXT, "language": "en", "pace": "1", "format": "mp3", "key": str(uuid4())}
    first, second = client.post("/speak/", form), client.post("/speak/", form)
    assert first.status_code == second.status_code == 302
    assert first.url == second.url
    assert before - accounts.balance(voice.account) == len(TEXT)
    assert Job.objects.filter(name="synthesis.speak").count() == 1


def test_without_credit_nothing_is_queued(voice):
    accounts.debit(voice.account, accounts.balance(voice.account), reference="all of it")
    with pytest.raises(Exception, match="credit") as refused:
        asked(voice)
    assert refused.value.code == "credits_too_low"
    assert not Job.objects.filter(name="synthesis.speak").exists()


def test_cancelling_returns_the_credits_and_nothing_is_published(voice):
    before = accounts.balance(voice.account)
    request = asked(voice)
    services.cancel(request, actor=voice.account)
    done(request)
    assert request.status == SpeechRequest.Status.CANCELLED
    assert accounts.balance(voice.account) == before
    assert not Output.objects.exists()
    with pytest.raises(refusals.AlreadyFinished):
        services.cancel(request, actor=voice.account)


@pytest.mark.parametrize("moment", ["before it starts", "between sentences", "after the last sound"])
def test_consent_that_ends_while_the_job_runs_wins(voice, monkeypatch, moment: str):
    before = accounts.balance(voice.account)
    request = asked(voice, text=f"{TEXT} {TEXT}")

    def withdraw() -> None:
        fresh = type(voice).objects.get(pk=voice.pk)
        if fresh.status == "active":
            consent.withdraw(fresh, actor=voice.account, reason="changed my mind")

    if moment == "before it starts":
        withdraw()
    elif moment == "between sentences":
        spoken = engines.speech().speak

        def speak(*args, **options):
            withdraw()
            return spoken(*args, **options)

        monkeypatch.setattr(engines.speech(), "speak", speak)
    else:
        finish = making.finish

        def finishing(*args, **options):
            made = finish(*args, **options)
            withdraw()
            return made

        monkeypatch.setattr(making, "finish", finishing)
    objects = VaultObject.objects.count()
    done(request)
    assert (request.status, request.error_code) == ("failed", ConsentEnded.code)
    assert not Output.objects.exists()
    assert accounts.balance(voice.account) == before
    assert VaultObject.objects.filter(purpose="output").count() == 0 and VaultObject.objects.count() <= objects


def test_a_withdrawn_voice_cannot_be_asked_to_speak_and_its_recordings_are_gone(voice):
    recording = voice.recordings.first()
    consent.withdraw(voice, actor=voice.account, reason="changed my mind")
    jobs.drain()
    with pytest.raises(ConsentEnded):
        asked(voice)
    with pytest.raises(vault.VaultError):
        vault.read(recording.object, owner=voice.owner.vault_owner, purpose=recording.vault_purpose)


def test_what_was_made_before_a_withdrawal_can_still_be_downloaded(voice):
    request = done(asked(voice))
    consent.withdraw(voice, actor=voice.account, reason="changed my mind")
    jobs.drain()
    with services.open_output(request.output, actor=voice.account) as stream:
        assert len(stream.read()) == request.output.size


def test_a_worker_that_dies_while_it_publishes_leaves_no_object_behind(voice, monkeypatch):
    request = asked(voice)
    monkeypatch.setattr(vault, "delete", lambda name: None)  # the dead clean nothing up
    finish = making.finish

    def finishing(*args, **options):
        made = finish(*args, **options)
        consent.withdraw(type(voice).objects.get(pk=voice.pk), actor=voice.account, reason="changed my mind")
        return made

    monkeypatch.setattr(making, "finish", finishing)
    done(request)
    assert not VaultObject.objects.filter(purpose="output").exists()


def test_a_mark_is_read_back_from_speech_that_is_longer_than_an_upload_may_be(monkeypatch):
    audio = Audio(np.zeros(16_000 * 605, np.float32), 16_000)
    mark = Mark(1, 0.0, 5.0, 1.0, "any", "1")
    monkeypatch.setattr(engines.watermark(), "detect", lambda heard: (mark,) if heard.seconds > 604 else ())
    for fmt in ("wav", "mp3"):
        assert making.read_back(export.encode(audio, fmt), 1) == mark


# ---------------------------------------------------------------------------------------------------- the detector


def detected(content: bytes, address: str = "198.51.100.1"):
    detection = services.ask_detector(io.BytesIO(content), address=address)
    jobs.drain()
    detection.refresh_from_db()
    return detection


def test_the_detector_knows_its_own_says_when_and_whether_consent_stands_but_never_who(voice):
    request = done(asked(voice))
    with services.open_output(request.output, actor=voice.account) as stream:
        content = stream.read()
    answer = detected(content).answer
    assert answer["made_here"] is True
    (mark,) = answer["marks"]
    assert set(mark) == {"from_s", "to_s", "made_at", "consent", "confidence"}
    assert mark["consent"] == "in_force"
    assert 0 <= mark["from_s"] < mark["to_s"] <= request.output.seconds + 1
    consent.withdraw(voice, actor=voice.account, reason="changed my mind")
    assert detected(content).answer["marks"][0]["consent"] == "withdrawn"


def test_the_detector_finds_nothing_in_other_sound_and_keeps_none_of_it():
    detection = detected(factories.sample().getvalue())
    assert detection.answer == {"made_here": False, "marks": []}
    assert not VaultObject.objects.filter(purpose="detection").exists()


def test_a_mark_that_leads_to_no_record_here_is_none_of_ours():
    marked = engines.watermark().embed(factories.ALICE.read(TEXT), 42)
    assert detected(factories.wav(marked).getvalue()).answer["made_here"] is False


def test_an_address_that_asks_too_often_waits(settings):
    settings.DETECTIONS_PER_HOUR = 1
    content = factories.recording("One question only.").getvalue()
    detected(content)
    with pytest.raises(refusals.DetectionsTooMany):
        detected(content)
    detected(content, address="198.51.100.2")


def test_files_that_are_no_sound_count_as_questions_too(settings):
    settings.DETECTIONS_PER_HOUR = 2
    for _ in range(2):
        with pytest.raises(AudioRefusal):
            services.ask_detector(io.BytesIO(b"no sound"), address="198.51.100.9")
    with pytest.raises(refusals.DetectionsTooMany):
        services.ask_detector(io.BytesIO(b"no sound"), address="198.51.100.9")


def test_questions_at_the_same_moment_are_counted_before_they_are_opened(settings, monkeypatch):
    settings.DETECTIONS_PER_HOUR = 1
    content = factories.recording("One question only.").getvalue()
    decode = intake.decode

    def meanwhile(sound):
        monkeypatch.setattr(intake, "decode", decode)
        with pytest.raises(refusals.DetectionsTooMany):
            detected(content)
        return decode(sound)

    monkeypatch.setattr(intake, "decode", meanwhile)
    assert detected(content).status == "answered"


def test_neighbours_in_a_network_of_ipv6_are_one_caller(settings):
    settings.DETECTIONS_PER_HOUR = 1
    content = factories.recording("One question only.").getvalue()
    detected(content, address="2001:db8::1")
    with pytest.raises(refusals.DetectionsTooMany):
        detected(content, address="2001:db8::2")


def test_the_answer_and_the_end_of_the_sound_are_one(monkeypatch):
    detection = services.ask_detector(factories.recording("A question."), address="198.51.100.1")
    monkeypatch.setattr(vault, "delete", lambda name: 1 / 0)
    jobs.drain()
    detection.refresh_from_db()
    assert detection.status == "waiting"


def test_no_text_stands_in_the_audit_or_in_the_database(voice):
    request = asked(voice, text="Pineapples and submarines are quite another matter altogether.")
    assert b"Pineapples" not in bytes(request.script)
    assert services.script_of(request).startswith("Pineapples")
    assert not any("Pineapples" in str(event.data) for event in AuditEvent.objects.all())


def test_a_request_whose_audit_row_cannot_be_written_does_not_happen(voice, monkeypatch):
    monkeypatch.setattr("velluto.audit.record", lambda *args, **kwargs: 1 / 0)
    before = accounts.balance(voice.account)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        asked(voice)
    assert not SpeechRequest.objects.exists()
    assert accounts.balance(voice.account) == before
