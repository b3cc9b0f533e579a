"""The detector's API, as a program sees it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import keys
from synthesis import services
from synthesis.api import NO_PROOF
from tests import factories
from velluto import jobs
from velluto.engines.made_up import wav

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

URL = "/api/v1/detections"
TEXT = "Somebody found this recording and would like to know whether a machine made it, and where that was."


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("found.wav", content, content_type="audio/wav")


def test_the_answer_is_awaited_at_its_address_and_says_that_no_mark_is_no_proof(client):
    asked = client.post(URL, {"audio": upload(factories.recording(TEXT).getvalue()), "wait": "0"})
    assert asked.status_code == 202
    assert asked.headers["Retry-After"] == "1"
    address = asked.json()["url"]
    assert asked.headers["Location"] == address
    assert client.get(address).status_code == 202
    jobs.drain()
    answer = client.get(address)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["made_here"], body["marks"], body["note"]) == (False, [], NO_PROOF)


def test_a_marked_recording_is_known_and_nobody_is_named(client):
    voice = factories.active_voice()
    request = services.request_speech(account=voice.account, voice=voice, text=TEXT, format="opus")
    jobs.drain()
    request.refresh_from_db()
    with services.open_output(request.output, actor=voice.account) as stream:
        asked = client.post(URL, {"audio": upload(stream.read()), "wait": "0"})
    jobs.drain()
    answer = client.get(asked.json()["url"])
    assert answer.json()["made_here"] is True
    (mark,) = answer.json()["marks"]
    assert mark["consent"] == "in_force"
    told = answer.content.decode()
    for secret in (voice.account.email, voice.owner.name, str(voice.pk), str(request.pk), str(request.output.payload)):
        assert secret not in told


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"audio": upload(b"this is no sound at all, but a text")}, 415, "audio_format_unknown"),
        ({"audio": upload(wav(factories.ALICE.read("Hello.")).getvalue()), "wait": "900"}, 400, "invalid"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_code(client, data: dict, status: int, code: str):
    answer = client.post(URL, data)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code


def test_asking_too_often_is_refused(client, settings):
    settings.DETECTIONS_PER_HOUR = 1
    content = factories.recording(TEXT).getvalue()
    assert client.post(URL, {"audio": upload(content), "wait": "0"}).status_code == 202
    answer = client.post(URL, {"audio": upload(content), "wait": "0"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_detections")


def test_a_partner_may_ask_more_often_counted_by_account_whatever_the_key(client, settings):
    settings.DETECTIONS_PER_HOUR, settings.DETECTIONS_PER_HOUR_WITH_KEY = 0, 2
    partner, content = factories.make_user(), factories.recording(TEXT).getvalue()
    answers = []
    for number in range(3):
        secret = keys.create(partner, id=uuid4(), name=f"key {number}", scopes=["detections"], days=1)
        headers = {"Authorization": f"Bearer {secret}"}
        answers.append(client.post(URL, {"audio": upload(content), "wait": "0"}, headers=headers).status_code)
    assert answers == [202, 202, 429]
    assert client.post(URL, {"audio": upload(content), "wait": "0"}).status_code == 429


def test_an_answer_that_nobody_asked_for_does_not_exist(client):
    answer = client.get(f"{URL}/00000000-0000-0000-0000-000000000000")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
