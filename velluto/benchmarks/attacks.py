"""What happens to sound on its way: codecs, telephones, rooms, editors. Each keeps the rate and is deterministic."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import numpy as np

from velluto.audio.signal import Audio

if TYPE_CHECKING:
    from av import AudioStream

TELEPHONE_RATE = 8_000
MU = 255
OPUS_RATE = 48_000
NOISE_DB = 20
ECHOES = ((0.05, 0.4), (0.11, 0.25), (0.19, 0.15))  # seconds, amplitude
FASTER = 1.05

Attack = Callable[[Audio, np.random.Generator], Audio]


def coded(audio: Audio, container: str, encoder: str, bits_per_second: int, rate: int) -> Audio:
    """Return `audio` encoded and decoded again by FFmpeg, in memory."""
    import av

    with av.open(io.BytesIO(encoded(audio, container, encoder, bits_per_second, rate)), "r") as reader:
        back = av.AudioResampler(format="fltp", layout="mono", rate=rate)
        blocks = [part.to_ndarray()[0] for frame in reader.decode(audio=0) for part in back.resample(frame)]
    return Audio(np.concatenate(blocks).astype(np.float32), rate).at(audio.rate)


def encoded(audio: Audio, container: str, encoder: str, bits_per_second: int, rate: int) -> bytes:
    """Return `audio` as a file that FFmpeg made, in memory."""
    import av

    plain = audio.at(rate)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as writer:
        stream = cast("AudioStream", writer.add_stream(encoder, rate=rate, layout="mono"))
        stream.bit_rate = bits_per_second
        pcm = (np.clip(plain.samples, -1, 1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = rate, 0
        size = stream.codec_context.frame_size
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate, frame_size=size)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            writer.mux(stream.encode(part))
        writer.mux(stream.encode(None))
    return file.getvalue()


def telephone(audio: Audio) -> Audio:
    """Return `audio` as 8 kHz mu-law of 8 bits (G.711) carries it."""
    narrow = np.clip(audio.at(TELEPHONE_RATE).samples, -1, 1)
    code = np.round(np.sign(narrow) * np.log1p(MU * np.abs(narrow)) / np.log1p(MU) * 127) / 127
    heard = np.sign(code) * np.expm1(np.abs(code) * np.log1p(MU)) / MU
    return Audio(heard.astype(np.float32), TELEPHONE_RATE).at(audio.rate)


def noisy(audio: Audio, random: np.random.Generator) -> Audio:
    """Return `audio` with white noise, 20 dB below its mean power."""
    power = float((audio.samples**2).mean()) * 10 ** (-NOISE_DB / 10)
    noise = random.standard_normal(len(audio.samples)) * np.sqrt(power)
    return Audio((audio.samples + noise).astype(np.float32), audio.rate)


def echoed(audio: Audio) -> Audio:
    """Return `audio` with three reflections, 50 to 190 ms late."""
    heard = audio.samples.copy()
    for seconds, gain in ECHOES:
        late = round(seconds * audio.rate)
        heard[late:] += gain * audio.samples[:-late]
    return Audio(heard, audio.rate)


def faster(audio: Audio, by: float = FASTER) -> Audio:
    """Return `audio` played 5 % (or `by` so much) too fast, its pitch higher by as much."""
    import soxr

    return Audio(soxr.resample(audio.samples, audio.rate * by, audio.rate).astype(np.float32), audio.rate)


def hurried(audio: Audio, by: float = FASTER) -> Audio:
    """Return `audio` 5 % (or `by` so much) faster at the same pitch (FFmpeg's atempo)."""
    import av

    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=audio.rate, layout="mono")
    tempo = graph.add("atempo", str(by))
    sink = graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(audio.samples[None], format="flt", layout="mono")
    frame.sample_rate = audio.rate
    graph.push(frame)
    graph.push(None)
    blocks = []
    while True:
        try:
            blocks.append(graph.pull().to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            return Audio(np.concatenate(blocks), audio.rate)


ATTACKS: dict[str, Attack] = {
    "clean": lambda audio, random: audio,
    "mp3_64k": lambda audio, random: coded(audio, "mp3", "libmp3lame", 64_000, audio.rate),
    "opus_24k": lambda audio, random: coded(audio, "ogg", "libopus", 24_000, OPUS_RATE),
    "opus_16k": lambda audio, random: coded(audio, "ogg", "libopus", 16_000, OPUS_RATE),
    "telephone": lambda audio, random: telephone(audio),
    "noise_20db": noisy,
    "echo": lambda audio, random: echoed(audio),
    "speed_5pct": lambda audio, random: faster(audio),
    "tempo_5pct": lambda audio, random: hurried(audio),
}
