"""Speech as a file."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from tests.audio.sounds import a_melody
from tests.audio.test_intake import likeness
from velluto.audio import intake
from velluto.audio.export import FORMATS, ExportFormatUnknown, encode
from velluto.audio.signal import Audio


@pytest.mark.parametrize("rate", [8_000, 24_000, 44_100])
@pytest.mark.parametrize("fmt", FORMATS)
def test_a_file_reads_back_as_the_sound_it_was_made_from(fmt: str, rate: int) -> None:
    sound = a_melody(2.0, rate)
    heard = intake.decode(encode(sound, fmt))
    assert heard.seconds == pytest.approx(2.0, abs=0.06)
    assert likeness(heard, sound) > 0.999


@pytest.mark.parametrize("fmt", ["wav", "flac"])
def test_a_lossless_file_reads_back_bit_by_bit(fmt: str) -> None:
    whole = (np.arange(-32_768, 32_768) / 32_768).astype(np.float32)
    assert np.array_equal(intake.decode(encode(Audio(whole, 24_000), fmt)).samples, whole)


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_same_sound_makes_the_same_bytes(fmt: str) -> None:
    assert encode(a_melody(), fmt) == encode(a_melody(), fmt)


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_file_tells_no_title_no_date_and_no_version_of_the_software(fmt: str) -> None:
    content = encode(a_melody(), fmt)
    with av.open(io.BytesIO(content)) as container:
        said = {**container.metadata, **container.streams[0].metadata}
    assert not {"title", "artist", "comment", "date", "creation_time"} & set(said)
    assert b"Lavf6" not in content
    assert b"Lavc6" not in content


@pytest.mark.parametrize("fmt", FORMATS)
def test_silence_and_sound_beyond_full_scale_can_be_written(fmt: str) -> None:
    silence = intake.decode(encode(Audio(np.zeros(24_000, np.float32), 24_000), fmt))
    assert np.abs(silence.samples).max() < 1e-3
    loud = intake.decode(encode(Audio(a_melody().samples * 10, 24_000), fmt))
    assert np.abs(loud.samples).max() <= 1.0


@pytest.mark.parametrize("fmt", ["mp3", "m4a", "opus"])
def test_compressed_speech_takes_no_more_than_a_hundred_kilobits_a_second(fmt: str) -> None:
    assert len(encode(a_melody(10.0), fmt)) * 8 / 10.0 < 100_000


def test_a_format_that_is_not_written_is_refused_by_name() -> None:
    with pytest.raises(ExportFormatUnknown) as refused:
        encode(a_melody(), "aiff")
    assert refused.value.code == "export_format_unknown"
    assert "wav, mp3, flac, m4a, opus" in refused.value.advice


def test_values_that_are_no_numbers_are_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no numbers"):
        encode(Audio(np.array([0.0, np.nan], np.float32), 24_000), "wav")


def test_every_format_but_ogg_carries_provenance() -> None:
    assert [name for name, chosen in FORMATS.items() if not chosen.carries_c2pa] == ["opus"]
