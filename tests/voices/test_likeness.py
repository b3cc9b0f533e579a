"""Voices are found by likeness: exactly, among those that stand, and never across engines."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest
from django.utils import timezone

from tests import factories
from tests.accounts.factories import make_user
from velluto import vault
from velluto.audio.signal import Audio
from velluto.engines.base import Embedding
from velluto.transitions import move
from voices import services as voices
from voices.likeness import Likeness, VoiceIndex, find
from voices.models import Recording, Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

SILENCE = Audio(np.zeros(80, np.float32), 8_000)


def towards(cosine: float, *, version: str = "1") -> Embedding:
    """Return a voiceprint at this cosine from the one that is asked for."""
    vector = np.zeros(256, np.float32)
    vector[0], vector[1] = cosine, np.sqrt(1 - cosine**2)
    return Embedding(vector, "stand-in", version)


ASKED = towards(1.0)


def voice_like(*prints: Embedding, purpose: str = "sample") -> Voice:
    """Return a voice with a recording for each voiceprint."""
    voice = factories.declared_voice(make_user(full_name="Alice Baker"))
    for voiceprint in prints:
        recording = voices.keep_recording(
            voice, purpose=purpose, audio=SILENCE, received_at=timezone.now(), actor=voice.account
        )
        voices.keep_voiceprint(recording, voiceprint)
    return voice


def found(threshold: float = 0.8, limit: int = 10, exclude: tuple[UUID, ...] = ()) -> list[UUID]:
    return [one.voice_id for one in find(ASKED, limit=limit, threshold=threshold, exclude=exclude)]


def test_the_voices_that_come_close_are_found_by_their_closest_sample_the_closest_first():
    near, nearest = voice_like(towards(0.5), towards(0.85)), voice_like(towards(0.95))
    voice_like(towards(0.79))
    assert [(one.voice_id, round(one.score, 3)) for one in find(ASKED, limit=10, threshold=0.8)] == [
        (nearest.pk, 0.95),
        (near.pk, 0.85),
    ]
    assert found(limit=1) == [nearest.pk]
    assert found(exclude=(nearest.pk,), limit=1) == [near.pk]


def test_another_engine_or_version_is_never_compared():
    voice_like(towards(0.99, version="2"))
    assert found() == []


def test_only_samples_are_compared():
    voice_like(towards(0.99), purpose="statement")
    assert found() == []


def test_what_comes_changes_or_ends_is_seen_by_the_next_search():
    assert found() == []
    voice = voice_like(towards(0.9))
    assert found() == [voice.pk]
    recording = Recording.objects.get(voice=voice)
    voices.keep_voiceprint(recording, towards(0.3))
    assert found() == []
    voices.keep_voiceprint(recording, towards(0.9))
    assert found() == [voice.pk]
    move(voice, Voice.Status.DELETED, actor=None, reason="withdrawn")
    assert found() == []


def test_a_voiceprint_whose_key_is_destroyed_is_not_there_and_hinders_no_other():
    gone, stays = voice_like(towards(0.9)), voice_like(towards(0.85))
    vault.destroy(gone.owner.vault_owner, actor=None, reason="ended")
    fresh = VoiceIndex()
    fresh.refresh()
    assert fresh.search(ASKED, threshold=0.8) == [Likeness(stays.pk, pytest.approx(0.85))]


def test_a_shredded_voice_is_forgotten_by_who_held_it_in_memory():
    voice = voice_like(towards(0.9))
    assert found() == [voice.pk]
    voices.shred(voice, reason="refused")
    assert found() == []


def test_nothing_is_read_again_while_nothing_changed(django_assert_num_queries):
    voice_like(towards(0.9))
    found()
    with django_assert_num_queries(1):
        assert len(found()) == 1


def test_a_curated_voice_is_found_as_well():
    voice = factories.curated_voice()
    assert voice.sample is not None
    mine = voices.load_voiceprint(voice.sample.voiceprint)
    assert [one.voice_id for one in find(mine, limit=5, threshold=0.99)] == [voice.pk]
