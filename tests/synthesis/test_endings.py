"""What becomes of stored sound once the consent for its voice is withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consent import services as consent
from synthesis import refusals, services
from synthesis.models import Output, SpeechRequest
from tests import standins
from velluto import jobs, links, vault
from velluto.audit.models import AuditEvent

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def speech(db) -> SpeechRequest:
    """Return what a voice said before the consent for it was withdrawn."""
    voice = standins.active_voice()
    speech = standins.spoken(voice)
    consent.withdraw(voice, actor=voice.account, reason="changed my mind")
    jobs.drain()
    return speech


def test_after_a_withdrawal_sound_is_downloadable_for_30_days_to_the_second_and_then_deleted(speech: SpeechRequest):
    output, withdrawn_at = speech.output, speech.voice.consent.withdrawn_at
    end = withdrawn_at + timedelta(days=30)
    assert services.sweep_outputs(at=end - timedelta(seconds=1)) == 0
    output.refresh_from_db()
    assert output.delete_after == end
    with services.open_output(output, actor=speech.account, at=end - timedelta(seconds=1)) as stream:
        assert len(stream.read()) == output.size
    with pytest.raises(refusals.OutputDeleted) as refused:  # even where no sweep has come by
        services.open_output(output, actor=speech.account, at=end)
    assert refused.value.status == 410

    assert services.sweep_outputs(at=end) == 1
    output.refresh_from_db()
    assert output.deleted_at == end
    with pytest.raises(vault.ObjectMissing):
        vault.read(output.object, owner=speech.account.vault_owner, purpose=services.OUTPUT)
    assert services.sweep_outputs(at=end) == 0
    assert AuditEvent.objects.filter(event="synthesis.output.deleted", subject_id=str(output.pk)).count() == 1


def test_the_row_of_deleted_sound_stays_as_the_usage_log_and_its_mark_still_leads_to_it(speech: SpeechRequest):
    services.sweep_outputs(at=speech.voice.consent.withdrawn_at + timedelta(days=31))
    kept = Output.objects.get(payload=speech.output.payload)
    assert (kept.request.status, kept.sha256) == (SpeechRequest.Status.DONE, speech.output.sha256)
    assert services.script_of(kept.request) == "What was said."


def test_the_pages_say_until_when_it_can_be_downloaded_and_afterwards_that_it_is_gone(speech: SpeechRequest):
    client = Client()
    client.force_login(speech.account)
    page, history = f"/speech/{speech.pk}/", "/speech/"
    sound = links.to(f"/speech/{speech.pk}/audio/", account=speech.account_id)
    services.sweep_outputs()
    until = timezone.localtime(speech.voice.consent.withdrawn_at + timedelta(days=30))
    assert f"Download it until {until:%-d %B %Y, %H:%M}" in client.get(page).content.decode()
    assert "until" in client.get(history).content.decode()
    assert len(client.get(sound).getvalue()) == speech.output.size
    services.delete_output(speech.output, reason="for the test")
    assert "The sound is not here any more" in client.get(page).content.decode()
    assert "download" not in client.get(history).content.decode()
    assert client.get(sound).status_code == 410


def test_sound_of_a_voice_whose_consent_stands_is_never_swept():
    speech = standins.spoken(standins.active_voice())
    assert services.sweep_outputs(at=speech.output.released_at + timedelta(days=4000)) == 0
    assert Output.objects.get().deleted_at is None
