import numpy as np
import pytest

from tests.engines.contract import SENTENCE, SpeakerEncoderContract
from tests.engines.voices import join, noise, pause, read_aloud
from velluto.audio.signal import Audio
from velluto.engines.resemblyzer import ResemblyzerEncoder, mel_bands, mel_spectrogram, raise_level


class TestResemblyzerEncoder(SpeakerEncoderContract):
    encoder = ResemblyzerEncoder()


def test_long_pauses_leave_the_voiceprint_as_it_is() -> None:
    encoder, spoken = ResemblyzerEncoder(), read_aloud(SENTENCE)
    spaced = join(pause(3), spoken, noise(4, -70), spoken, pause(3))
    assert encoder.embed(spoken).similarity(encoder.embed(spaced)) > 0.97


def test_a_quiet_recording_has_the_voiceprint_of_a_louder_one() -> None:
    encoder, spoken = ResemblyzerEncoder(), read_aloud(SENTENCE)
    at_level = Audio((spoken.samples * 0.03 / np.sqrt(np.mean(spoken.samples**2))).astype(np.float32), spoken.rate)
    quieter = Audio(at_level.samples * np.float32(0.1), spoken.rate)
    assert encoder.embed(at_level).similarity(encoder.embed(quieter)) > 0.98


def test_quiet_sound_is_raised_and_loud_sound_left_alone() -> None:
    quiet, loud = np.full(1000, 1e-4, np.float32), np.full(1000, 0.3, np.float32)
    assert np.sqrt(np.mean(raise_level(quiet) ** 2)) == pytest.approx(10 ** (-30 / 20), rel=1e-4)
    assert raise_level(loud) is loud
    assert not raise_level(np.zeros(10, np.float32)).any()


def test_a_tone_falls_into_the_mel_band_around_it() -> None:
    import torch

    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    strongest = int(mel_spectrogram(torch.from_numpy(tone))[50].argmax())
    bins = np.flatnonzero(mel_bands()[strongest]) * 40  # Hz between the bins of a 400-sample transform
    assert bins.min() <= 1000 <= bins.max()


def test_mel_bands_have_equal_area() -> None:
    bands = mel_bands()
    assert bands.shape == (40, 201)
    wide = bands[25:]  # the lowest bands are narrower than the bins that sample them
    assert np.allclose(wide.sum(axis=1) * 40, 1, atol=0.05)
