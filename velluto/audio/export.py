"""Finished speech as a file: `encode` makes the same bytes from the same sound on every run.

No file carries a title or a date: what is said about an output is said by its provenance manifest. Sixteen-bit samples
are rounded, not dithered: speech carries noise of its own far above the last bit, digital silence stays silent, and a
WAV reads back bit by bit.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import cast

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from velluto.audio.signal import Audio
from velluto.errors import Refusal


class ExportFormatUnknown(Refusal):
    code = "export_format_unknown"
    message = "Velluto does not write files of the kind “{fmt}”."
    next_step = "Choose one of {known}."


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that can be asked for; where `codec` is None libsndfile writes it; `bit_rate` is in bit/s."""

    name: str
    label: str
    media_type: str
    extension: str
    carries_c2pa: bool
    container: str
    rates: tuple[int, ...] = ()  # Hz that the codec takes; empty: any
    codec: str | None = None
    bit_rate: int = 0
    options: dict[str, str] = field(default_factory=dict)


AAC_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000)
MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)

FORMATS = {
    chosen.name: chosen
    for chosen in (
        Format("wav", "WAV", "audio/wav", "wav", True, "WAV"),
        # 96 kbit/s mono is past the point where speech at 24 kHz still gains from more.
        Format("mp3", "MP3", "audio/mpeg", "mp3", True, "mp3", MP3_RATES, "libmp3lame", 96_000, {"id3v2_version": "0"}),
        Format("flac", "FLAC", "audio/flac", "flac", True, "FLAC"),
        Format("m4a", "M4A (AAC)", "audio/mp4", "m4a", True, "ipod", AAC_RATES, "aac", 96_000),
        Format("opus", "OGG (Opus)", "audio/ogg", "ogg", False, "ogg", OPUS_RATES, "libopus", 48_000),
    )
}

MP3_LOWEST_FULL_RATE = 16_000  # Hz; MPEG 2.5 below it stops at 64 kbit/s
MP3_LOW_RATE_BITS = 64_000


def encode(audio: Audio, fmt: str) -> bytes:
    """Return `audio` as a mono file of FORMATS[fmt]; raise ExportFormatUnknown, or ValueError if not finite."""
    chosen = FORMATS.get(fmt)
    if chosen is None:
        raise ExportFormatUnknown(fmt=fmt[:20], known=", ".join(FORMATS))
    if not np.isfinite(audio.samples).all():
        raise ValueError("the sound holds values that are no numbers")
    sound = audio.at(_nearest_rate(audio.rate, chosen.rates))
    within = np.clip(sound.samples, -1.0, 1.0)
    if chosen.codec is None:
        return _lossless(within, sound.rate, chosen.container)
    return _lossy(within, sound.rate, chosen, chosen.codec)


def _nearest_rate(rate: int, rates: tuple[int, ...]) -> int:
    """Return the lowest rate that loses nothing, or the highest there is."""
    return rate if not rates else min((known for known in rates if known >= rate), default=rates[-1])


def _lossless(samples: NDArray[np.float32], rate: int, container: str) -> bytes:
    whole = np.clip(np.round(samples * 32768.0), -32768, 32767).astype(np.int16)
    out = io.BytesIO()
    soundfile.write(out, whole, rate, format=container, subtype="PCM_16")
    return out.getvalue()


def _lossy(samples: NDArray[np.float32], rate: int, chosen: Format, codec: str) -> bytes:
    out = io.BytesIO()
    # `bitexact` leaves out clocks, random serial numbers and the encoder's name.
    options = {"fflags": "+bitexact", **chosen.options}
    with av.open(out, "w", format=chosen.container, options=options) as container:
        stream = cast(
            av.AudioStream, container.add_stream(codec, rate=rate, layout="mono", options={"flags": "+bitexact"})
        )
        low_mp3 = chosen.name == "mp3" and rate < MP3_LOWEST_FULL_RATE
        stream.bit_rate = MP3_LOW_RATE_BITS if low_mp3 else chosen.bit_rate
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = rate
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()
