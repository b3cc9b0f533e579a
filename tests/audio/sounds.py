"""Sound that tests make themselves."""

from __future__ import annotations

import io

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from velluto.audio.signal import Audio


def a_melody(seconds: float = 2.0, rate: int = 24_000) -> Audio:
    """Return a swelling three-note sound: something whose shape survives a lossy codec."""
    time = np.arange(round(seconds * rate)) / rate
    notes = sum(np.sin(2 * np.pi * pitch * time) / (place + 1) for place, pitch in enumerate((220.0, 330.0, 701.0)))
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * 1.5 * time)
    return Audio((0.25 * notes * swell).astype(np.float32), rate)


def written(audio: Audio, kind: str, subtype: str | None = None, channels: int = 1) -> bytes:
    """Return `audio` as libsndfile writes it."""
    out = io.BytesIO()
    frames = np.repeat(audio.samples[:, np.newaxis], channels, axis=1)
    soundfile.write(out, frames, audio.rate, format=kind, subtype=subtype)
    return out.getvalue()


def muxed(
    container: str,
    codecs: list[str],
    *,
    seconds: float = 1.0,
    layout: str = "mono",
    rate: int = 48_000,
    cover: bytes = b"",
) -> bytes:
    """Return a file of `container` with one stream for each codec: sound, or a small film where the codec is one."""
    out = io.BytesIO()
    options = {"strict": "experimental"}
    with av.open(out, "w", format=container, options=options) as file:
        streams = []
        for codec in codecs:
            if av.Codec(codec, "w").type == "video":
                stream = file.add_stream(codec, rate=10)
                stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            else:
                stream = file.add_stream(codec, rate=rate, layout=layout, options={"strict": "experimental"})
            streams.append(stream)
        for stream in streams:
            for frame in _film(seconds) if stream.type == "video" else [_sound(seconds, rate, layout, stream)]:
                file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
    return out.getvalue()


def _sound(seconds: float, rate: int, layout: str, stream: av.AudioStream) -> av.AudioFrame:
    samples = a_melody(seconds, rate).samples
    channels = av.AudioLayout(layout).nb_channels
    planes = np.ascontiguousarray(np.repeat(samples[np.newaxis], channels, axis=0))
    frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=layout)
    frame.sample_rate, frame.pts = rate, 0
    return frame


def _film(seconds: float) -> list[av.VideoFrame]:
    frames = []
    for number in range(round(seconds * 10)):
        picture: NDArray[np.uint8] = np.full((48, 64, 3), number * 20 % 255, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        frames.append(frame)
    return frames
