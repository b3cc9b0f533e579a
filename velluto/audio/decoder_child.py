"""Decode one untrusted file: a task for confined.py, loaded by path in a process that can open nothing any more."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import av

# PyAV imports these when it first meets such a stream, but by then no file can be opened any more.
import av.audio.stream
import av.subtitles.codeccontext
import av.subtitles.stream
import av.video.codeccontext
import av.video.stream
import numpy as np
import soxr
from av.audio.frame import AudioFrame
from av.container import InputContainer
from numpy.typing import NDArray

LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000  # Hz
MOST_CHANNELS = 2
UNKNOWN_SIZE = 0xFFFFFFFF  # what a program that writes a WAV into a pipe claims
MOST_CHUNKS = 1_000
SLACK = 0.5  # seconds by which a declared length may differ from the decoded one
BAD_PACKETS = 0.01  # share of packets that may fail to decode: one cut-off frame at the end is common in honest files
INTEGER_SCALE = {"u8": 128.0, "s16": 32768.0, "s32": 2147483648.0}


class Refused(Exception):
    """The file cannot be accepted; the argument is the code of the refusal."""


def the_one_stream(container: InputContainer, codecs: list[str]) -> Any:
    """Return the only audio stream; pictures of a cover are passed over and never decoded."""
    streams = [stream for stream in container.streams if not is_cover(stream)]
    if not streams:
        raise Refused("audio_broken")
    if len(streams) != 1 or streams[0].type != "audio":
        raise Refused("audio_streams")
    stream = streams[0]
    if stream.codec_context is None or stream.codec_context.name not in codecs:
        raise Refused("audio_codec_refused")
    return stream


def is_cover(stream: Any) -> bool:
    return stream.type == "video" and bool(stream.disposition & stream.disposition.attached_pic)


def check_shape(rate: int, channels: int) -> None:
    if channels < 1:
        raise Refused("audio_broken")
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise Refused("audio_rate")
    if channels > MOST_CHANNELS:
        raise Refused("audio_channels")


def declared_seconds(container: InputContainer, stream: Any) -> float | None:
    """Return the longest length that the file claims, or None where it claims none (a browser's WebM)."""
    claims = []
    if container.duration is not None:
        claims.append(container.duration / av.time_base)
    if stream.duration is not None and stream.time_base is not None:
        claims.append(float(stream.duration * stream.time_base))
    return max(claims, default=None)


def is_cut_off(content: io.BytesIO) -> bool:
    """Say whether a WAV file holds less than nine tenths of the samples it claims; FFmpeg reads on without a word."""
    size = content.getbuffer().nbytes
    place = 12
    for _ in range(MOST_CHUNKS):
        content.seek(place)
        head = content.read(8)
        if len(head) < 8:
            return True
        claim = int.from_bytes(head[4:], "little")
        if head[:4] == b"data":
            return claim != UNKNOWN_SIZE and size - content.tell() < 0.9 * claim
        place += 8 + claim + claim % 2
    return True


def mono(frame: AudioFrame) -> NDArray[np.float32]:
    """Return the average of the channels of one decoded frame as float32, full scale -1..1."""
    channels = frame.layout.nb_channels
    samples = frame.to_ndarray()
    if frame.format.is_packed:
        samples = samples.reshape(-1, channels).T
    scale = INTEGER_SCALE.get(frame.format.name.rstrip("p"))
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # a double beyond float32 becomes infinite, and is refused as such
        wide = samples.astype(np.float32)
        if scale is not None:
            wide = wide / np.float32(scale) - np.float32(1.0 if samples.dtype == np.uint8 else 0.0)
        return wide.mean(axis=0, dtype=np.float32)


def frames(container: InputContainer, stream: Any) -> Iterator[AudioFrame]:
    """Yield what decodes; refuse a file of which more than a trace does not."""
    packets = bad = 0
    try:
        for packet in container.demux(stream):
            packets += 1
            try:
                yield from packet.decode()
            except (av.error.InvalidDataError, av.error.EOFError):
                bad += 1
    except av.error.FFmpegError:
        bad += 1
    if bad > max(1, packets * BAD_PACKETS):
        raise Refused("audio_broken")


def decode(content: io.BytesIO, kind: str, codecs: list[str], longest: float, highest: int) -> tuple[int, bytes]:
    """Return the rate and the mono float32 samples; raise Refused."""
    if kind == "wav" and is_cut_off(content):
        raise Refused("audio_broken")
    content.seek(0)
    options = {
        "format_whitelist": kind,
        "codec_whitelist": ",".join(codecs),
        "protocol_whitelist": "none",
        "max_streams": "8",
        **({"enable_drefs": "0", "use_absolute_path": "0"} if kind == "mov" else {}),
    }
    with av.open(content, "r", format=kind, options=options, metadata_errors="replace") as container:
        stream = the_one_stream(container, codecs)
        rate, channels = stream.codec_context.sample_rate, stream.codec_context.channels
        check_shape(rate, channels)
        declared = declared_seconds(container, stream)
        if declared is not None and declared > longest + SLACK:
            raise Refused("audio_too_long")

        resampler = soxr.ResampleStream(rate, highest, 1, dtype="float32", quality="HQ") if rate > highest else None
        out: list[NDArray[np.float32]] = []
        waiting: list[NDArray[np.float32]] = []
        decoded = pending = 0

        def pass_on(last: bool = False) -> None:
            block = np.concatenate(waiting) if waiting else np.zeros(0, np.float32)
            waiting.clear()
            if not np.isfinite(block).all():
                raise Refused("audio_not_finite")
            out.append(block if resampler is None else resampler.resample_chunk(block, last=last))

        for frame in frames(container, stream):
            if (frame.sample_rate, frame.layout.nb_channels) != (rate, channels):
                raise Refused("audio_broken")
            decoded += frame.samples
            pending += frame.samples
            if decoded > longest * rate:
                raise Refused("audio_too_long")
            waiting.append(mono(frame))
            if pending >= rate:
                pass_on()
                pending = 0
        pass_on(last=True)
    # The length of an MP3 may be a guess from its bit rate: it cannot show that a part is missing.
    if kind != "mp3" and declared is not None and decoded / rate < declared - max(SLACK, declared / 10):
        raise Refused("audio_broken")
    return min(rate, highest), np.concatenate(out).tobytes()


def run(content: io.BytesIO, kind: str, codecs: str, longest: str, highest: str) -> tuple[dict[str, object], bytes]:
    """Return {"rate": Hz} and the samples, or {"refused": code}."""
    try:
        rate, samples = decode(content, kind, codecs.split(","), float(longest), int(highest))
    except Refused as refusal:
        return {"refused": str(refusal)}, b""
    return {"rate": rate}, samples
