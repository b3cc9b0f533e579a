"""The pages of the gate: what is sent twice, is too large or is gone gets an answer, not an error."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from consent import services
from consent.models import Attestation, ConsentRecord
from tests import factories
from velluto import jobs, links, uploads
from velluto.audio import intake
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_word_given_by_a_double_click_is_given_once():
    voice = factories.voice_at("representations")
    client = signed_in(voice.account)
    here = reverse("consent:representations", args=[voice.pk])
    text = services.attestation(Attestation.Kind.REPRESENTATIONS)
    for _ in range(2):
        answer = client.post(here, {"shown_sha256": text.sha256, "represented": "on"})
        assert answer.status_code == 302
        assert answer["Location"] == reverse("consent:captcha", args=[voice.pk])
    assert ConsentRecord.objects.filter(voice=voice).count() == 1


@pytest.fixture
def taken(monkeypatch) -> list:
    """Return the size and kind of each file that comes to the intake."""
    files: list = []
    real = intake.decode

    def decode(content, **options):
        files.append((content.size, type(content.file)))
        return real(content, **options)

    monkeypatch.setattr(intake, "decode", decode)
    return files


def upload(voice: Voice, content: bytes):
    return signed_in(voice.account).post(
        reverse("consent:sample", args=[voice.pk]),
        {"audio": SimpleUploadedFile("sample.wav", content)},
        headers={"Accept": "application/json"},
    )


def test_a_recording_touches_no_disk_before_it_is_encrypted(taken, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000  # where Django, left to itself, begins to write temporary files
    assert upload(factories.declared_voice(), factories.sample().getvalue()).status_code == 200
    ((_, kind),) = taken
    assert kind is io.BytesIO


def test_of_a_file_beyond_the_limit_one_byte_too_many_is_kept_to_tell_it_by(taken, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 1000)
    upload(factories.declared_voice(), b"\0" * 200_000)
    ((size, _),) = taken
    assert size == 1001


def test_more_files_than_any_form_has_are_too_many():
    voice = factories.declared_voice()
    files = {name: SimpleUploadedFile(name, b"x") for name in ("audio", "one", "two", "three")}
    assert signed_in(voice.account).post(reverse("consent:sample", args=[voice.pk]), files).status_code == 400


def test_a_consent_given_in_the_moment_of_the_withdrawal_is_withdrawn_too(monkeypatch):
    voice = factories.voice_at("representations")
    lock = services._lock

    def given_just_before(locked: Voice) -> Voice:
        monkeypatch.setattr(services, "_lock", lock)
        factories.represent(voice)
        return lock(locked)

    monkeypatch.setattr(services, "_lock", given_just_before)
    services.withdraw(voice, actor=voice.account, reason="changed my mind")
    assert ConsentRecord.objects.get(voice=voice).status == ConsentRecord.Status.WITHDRAWN


def test_a_recording_that_was_destroyed_is_gone_for_the_moderator_and_no_error(settings):
    settings.ADMIN_REQUIRES_MFA = False
    voice = factories.voice_at("representations")
    recording = voice.recordings.get()
    services.withdraw(voice, actor=voice.account, reason="changed my mind")
    jobs.drain()
    moderator = factories.moderator()
    client = signed_in(moderator)
    for name, args in (("recording_audio", []), ("recording_picture", ["waveform"])):
        path = reverse(f"admin:voices_{name}", args=[recording.pk, *args])
        answer = client.get(links.to(path, account=moderator.pk))
        assert answer.status_code == 410
