"""Recordings are heard by those who may, one at a time, and each time is on record."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests import factories
from velluto import links
from velluto.audit.models import AuditEvent
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

WAYS = {"audio/": "audio/flac", "waveform.img": "image/svg+xml", "spectrogram.img": "image/png"}


@pytest.fixture
def voice(db) -> Voice:
    return factories.voice_at("representations")


def addresses(voice: Voice, reader: User | None) -> dict[str, str]:
    """Return the addresses as a page shows them to somebody, and what is there."""
    start = f"/admin/voices/recording/{voice.recordings.get().pk}/"
    return {links.to(f"{start}{way}", account=reader and reader.pk): kind for way, kind in WAYS.items()}


def test_a_moderator_hears_and_sees_a_recording_and_the_audit_says_so(voice: Voice, client):
    moderator = factories.moderator()
    client.force_login(moderator)
    for address, kind in addresses(voice, moderator).items():
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
        assert "no-store" in answer.headers["Cache-Control"]
    rows = AuditEvent.objects.filter(event="voices.recording.listened")
    assert [row.data["how"] for row in rows.order_by("pk")] == ["audio", "waveform", "spectrogram"]


def test_nobody_else_hears_it_and_nothing_is_on_record(voice: Voice, client):
    for stranger in (None, voice.account, factories.make_user(), factories.make_user(staff=True)):
        client.logout()
        if stranger:
            client.force_login(stranger)
        for address in addresses(voice, stranger):
            assert client.get(address).status_code in (302, 403)
    assert not AuditEvent.objects.filter(event="voices.recording.listened").exists()


def test_without_the_audit_row_there_is_no_sound(voice: Voice, client, monkeypatch):
    moderator = factories.moderator()
    client.force_login(moderator)
    client.raise_request_exception = False
    monkeypatch.setattr("velluto.audit.record", lambda *args, **kwargs: 1 / 0)
    for address in addresses(voice, moderator):
        assert client.get(address).status_code == 500


def test_recordings_and_voices_cannot_be_changed_by_hand(voice: Voice, admin_client):
    for model, pk in (("voice", voice.pk), ("recording", voice.recordings.get().pk)):
        assert admin_client.post(f"/admin/voices/{model}/{pk}/change/", {"status": "active"}).status_code == 403
        assert admin_client.get(f"/admin/voices/{model}/add/").status_code == 403
        assert admin_client.post(f"/admin/voices/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403
