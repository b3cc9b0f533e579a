"""Sound for the eye."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from tests.audio.sounds import a_melody
from velluto.audio import pictures
from velluto.audio.pictures import spectrogram_png, waveform_svg
from velluto.audio.signal import Audio

SVG = "{http://www.w3.org/2000/svg}"


def a_tone(pitch: float, seconds: float = 2.0, rate: int = 16_000) -> Audio:
    time = np.arange(round(seconds * rate)) / rate
    return Audio((0.5 * np.sin(2 * np.pi * pitch * time)).astype(np.float32), rate)


def outline(svg: bytes) -> list[tuple[float, float]]:
    points = ET.fromstring(svg).find(f"{SVG}polygon").get("points")
    return [tuple(map(float, pair.split(","))) for pair in points.split()]


def labels(svg: bytes) -> list[str]:
    return [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]


def plot(png: bytes) -> np.ndarray:
    """Return the brightness inside the axes, row 0 being the highest frequency."""
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("L"), float)
    return picture[pictures.TOP : -pictures.BOTTOM, pictures.LEFT : -pictures.RIGHT]


def test_a_waveform_is_high_where_the_sound_is_loud() -> None:
    samples = np.zeros(16_000, np.float32)
    samples[8_000:] = a_tone(300, 0.5).samples
    points = outline(waveform_svg(Audio(samples, 16_000)))
    upper = points[: pictures.PLOT_WIDTH]
    middle = upper[10][1]
    assert all(y == middle for _, y in upper[:500])
    assert min(y for _, y in upper[600:]) == pytest.approx(middle - (middle - pictures.TOP) / 2, abs=1)


def test_a_waveform_marks_the_places_that_touch_full_scale() -> None:
    def marks(audio: Audio) -> int:
        return sum(
            path.get("stroke") == pictures.ALARM for path in ET.fromstring(waveform_svg(audio)).iter(f"{SVG}path")
        )

    quiet = a_tone(300)
    loud = Audio(np.clip(quiet.samples * 3, -1, 1), quiet.rate)
    assert marks(quiet) == 0
    assert marks(loud) > 1_000


def test_a_waveform_passes_a_strict_content_security_policy() -> None:
    for element in ET.fromstring(waveform_svg(a_melody())).iter():
        assert element.tag in {SVG + name for name in ("svg", "title", "rect", "path", "text", "polygon")}
        assert not {name for name in element.attrib if name == "style" or name.startswith("on") or "href" in name}


@pytest.mark.parametrize(("seconds", "last"), [(0.3, "0.3 s"), (10.0, "10 s"), (31.5, "30 s"), (600.0, "600 s")])
def test_the_time_axis_is_marked_in_seconds(seconds: float, last: str) -> None:
    shown = labels(waveform_svg(a_tone(100, seconds, 8_000)))
    assert last in shown
    assert 3 <= len(shown) - 5 <= pictures.MOST_TICKS + 1


@pytest.mark.parametrize(("rate", "pitch"), [(8_000, 1_000), (16_000, 4_000), (24_000, 9_000)])
def test_a_spectrogram_is_brightest_at_the_pitch_of_a_tone(rate: int, pitch: float) -> None:
    rows = plot(spectrogram_png(a_tone(pitch, rate=rate))).mean(axis=1)
    height = 1 - int(rows.argmax()) / (len(rows) - 1)
    assert height * rate / 2 == pytest.approx(pitch, rel=0.02)


def test_a_spectrogram_shows_when_a_sound_begins() -> None:
    samples = np.concatenate([np.zeros(16_000, np.float32), a_tone(2_000, 1.0).samples])
    columns = plot(spectrogram_png(Audio(samples, 16_000))).max(axis=0)
    begin = int(np.argmax(columns > 100)) / len(columns)
    assert begin == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("samples", [0, 1, 100, 16_000])
def test_silence_of_any_length_can_be_drawn(samples: int) -> None:
    silence = Audio(np.zeros(samples, np.float32), 16_000)
    assert outline(waveform_svg(silence))
    assert plot(spectrogram_png(silence)).max() < 40


def test_the_same_sound_makes_the_same_pictures() -> None:
    assert waveform_svg(a_melody()) == waveform_svg(a_melody())
    assert spectrogram_png(a_melody()) == spectrogram_png(a_melody())
