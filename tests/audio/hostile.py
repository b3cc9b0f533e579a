"""Broken and hostile files, made on the spot, each with the code of the refusal that it must meet.

A family is a function that returns {description: (content, code)}; `every_file` gathers them.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
from functools import cache

import numpy as np

from tests.audio.sounds import a_melody, muxed, written
from velluto.audio.signal import Audio

Files = dict[str, tuple[bytes, str]]

SOUND = a_melody(1.0)
WAV = written(SOUND, "WAV", "PCM_16")
FLAC = written(SOUND, "FLAC", "PCM_16")
MP3 = written(SOUND, "MP3")
NOISE = random.Random(7).randbytes(20_000)


@cache
def every_file() -> Files:
    families = (not_sound(), other_sound(), wav_lies(), strange_values(), flac(), mp3(), iso_media(), ogg_and_webm())
    return {name: file for family in families for name, file in family.items()}


def wav(
    payload: bytes, *, tag: int = 1, channels: int = 1, rate: int = 24_000, bits: int = 16, claim: int | None = None
) -> bytes:
    """Return a WAV file whose header says what it is told to say."""
    block = channels * bits // 8 & 0xFFFF
    head = struct.pack("<HHIIHH", tag, channels, rate, rate * block & 0xFFFFFFFF, block, bits)
    size = len(payload) if claim is None else claim
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", size) + payload
    return b"RIFF" + struct.pack("<I", min(len(body), 0xFFFFFFFF)) + body


def id3(size: int, claim: int | None = None) -> bytes:
    """Return an ID3v2 tag of `size` zero bytes that claims to hold `claim`."""
    said = size if claim is None else claim
    return b"ID3\x04\x00\x00" + bytes(said >> shift & 0x7F for shift in (21, 14, 7, 0)) + bytes(size)


def box(kind: bytes, payload: bytes, claim: int | None = None) -> bytes:
    return struct.pack(">I", 8 + len(payload) if claim is None else claim) + kind + payload


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("voice.wav", WAV)
    return out.getvalue()


def not_sound() -> Files:
    unknown = {
        "one byte": b"R",
        "zeros": bytes(10_000),
        "noise": NOISE,
        "a zip archive": zipped(),
        "a gzip bomb's beginning": b"\x1f\x8b\x08" + bytes(1000),
        "a web page": b"<!doctype html><script>alert(1)</script>" + bytes(100),
        "a vector picture": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "a program": b"\x7fELF\x02\x01\x01" + bytes(500),
        "a script": b"#!/bin/sh\ncat /etc/passwd\n",
        "a PDF": b"%PDF-1.7\n" + bytes(300),
        "a PNG picture": b"\x89PNG\r\n\x1a\n" + bytes(300),
        "an HLS playlist": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "a concat script": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        "a DASH manifest": b"<?xml version='1.0'?><MPD><BaseURL>http://example.org/</BaseURL></MPD>",
        "a session description": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n",
        "a subtitle file": b"WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n",
        "a film in a RIFF": b"RIFF\x00\x10\x00\x00AVI LIST" + bytes(500),
    }
    return {
        "nothing": (b"", "audio_empty"),
        **{name: (content, "audio_format_unknown") for name, content in unknown.items()},
    }


def other_sound() -> Files:
    kinds = {"AIFF": None, "AU": None, "CAF": None, "W64": None, "RF64": None, "VOC": "PCM_16"}
    return {
        **{f"sound as {kind}": (written(SOUND, kind, sub), "audio_format_unknown") for kind, sub in kinds.items()},
        "sound as ADTS": (muxed("adts", ["aac"]), "audio_format_unknown"),
        "sound as Matroska": (muxed("matroska", ["libopus"]), "audio_format_unknown"),
        "ADPCM in WAV": (written(SOUND, "WAV", "IMA_ADPCM"), "audio_codec_refused"),
        "GSM in WAV": (written(Audio(SOUND.samples[:8000], 8_000), "WAV", "GSM610"), "audio_codec_refused"),
        "MP3 in WAV": (wav(MP3, tag=0x55, bits=0), "audio_codec_refused"),
    }


def wav_lies() -> Files:
    tone = WAV[44:]
    return {
        "WAV, the first twelve bytes": (WAV[:12], "audio_broken"),
        "WAV, header only": (WAV[:36], "audio_broken"),
        "WAV, cut in half": (WAV[: len(WAV) // 2], "audio_broken"),
        "WAV, no samples": (wav(b""), "audio_empty"),
        "WAV, one sample": (wav(b"\x01\x02"), "audio_empty"),
        "WAV, 4 GB claimed": (wav(tone, claim=0xFFFFFFF0), "audio_broken"),
        "WAV, negative size claimed": (wav(tone, claim=0x80000000), "audio_broken"),
        "WAV, rate 0": (wav(tone, rate=0), "audio_broken"),
        "WAV, rate 4 kHz": (wav(tone, rate=4_000), "audio_rate"),
        "WAV, rate 384 kHz": (wav(tone, rate=384_000), "audio_rate"),
        "WAV, rate 4 GHz": (wav(tone, rate=0xFFFFFFFF), "audio_broken"),
        "WAV, no channels": (wav(tone, channels=0), "audio_broken"),
        "WAV, 8 channels": (wav(tone, channels=8), "audio_channels"),
        "WAV, 65535 channels": (wav(tone, channels=65_535), "audio_broken"),
        "WAV, 0 bits": (wav(tone, bits=0), "audio_codec_refused"),
        "WAV, 64-bit integers": (wav(tone, bits=64), "audio_codec_refused"),
        "WAV, unknown codec": (wav(tone, tag=0x7777), "audio_codec_refused"),
        "WAV, eleven minutes at 8 kHz": (wav(bytes(660 * 8_000), rate=8_000, bits=8), "audio_too_long"),
        "WAV, a format chunk without end": (
            b"RIFF\xff\xff\xff\x7fWAVEfmt \xff\xff\xff\xff" + bytes(64),
            "audio_broken",
        ),
    }


def strange_values() -> Files:
    def floats(*values: float, kind: str = "<f4") -> bytes:
        samples = np.tile(np.array(values, kind), 24_000 // len(values))
        return wav(samples.tobytes(), tag=3, bits=8 * samples.itemsize)

    return {
        "float WAV with a NaN": (floats(0.1, 0.2, float("nan"), 0.1), "audio_not_finite"),
        "float WAV with an infinity": (floats(0.1, float("inf"), 0.1), "audio_not_finite"),
        "double WAV beyond every float": (floats(0.1, 1e300, kind="<f8"), "audio_not_finite"),
        "float WAV in units of 16 bit": (floats(0.0, 9_000.0, -9_000.0), "audio_over_full_scale"),
    }


def flac() -> Files:
    silence = written(Audio(np.zeros(700 * 8_000, np.float32), 8_000), "FLAC")
    crowd = written(SOUND, "FLAC", channels=8)
    flipped = bytearray(FLAC)
    for place in range(len(flipped) // 4, len(flipped), 97):
        flipped[place] ^= 0xFF
    return {
        "FLAC, the first four bytes": (FLAC[:4], "audio_broken"),
        "FLAC, cut in half": (FLAC[: len(FLAC) // 2], "audio_broken"),
        "FLAC, bytes flipped": (bytes(flipped), "audio_broken"),
        "FLAC, 8 channels": (crowd, "audio_channels"),
        "FLAC, a bomb of silence": (silence, "audio_too_long"),
        "FLAC, a bomb that hides its length": (with_total(silence, 0), "audio_too_long"),
        "FLAC, the largest length claimed": (with_total(FLAC, (1 << 36) - 1), "audio_too_long"),
        "FLAC, rate 655 kHz": (written(Audio(SOUND.samples, 655_350), "FLAC"), "audio_rate"),
        "FLAC, head alone then noise": (FLAC[:42] + NOISE, "audio_broken"),
    }


def with_total(content: bytes, total: int) -> bytes:
    """Return a FLAC file whose stream info claims `total` samples."""
    info = int.from_bytes(content[18:26], "big")
    return content[:18] + ((info >> 36 << 36) | total).to_bytes(8, "big") + content[26:]


def mp3() -> Files:
    frame = len(MP3) // 2
    hollow = MP3[:frame] + b"\xff\xfb\x90\x00" + bytes(200) + NOISE[:2000]
    return {
        "MP3, one sync word and noise": (MP3[:4] + NOISE, "audio_format_unknown"),
        "MP3, a tag in front of a zip": (id3(100) + zipped(), "audio_format_unknown"),
        "MP3, a tag that claims 256 MB": (id3(100, claim=0x0FFFFFFF) + MP3, "audio_format_unknown"),
        "MP3, a tag and nothing else": (id3(5_000), "audio_format_unknown"),
        "MP3, tag within tag": (id3(0) * 2_000 + MP3, "audio_format_unknown"),
        "MP3, a tag in front of a WAV": (id3(100) + WAV, "audio_format_unknown"),
        "MP3, noise between the frames": (b"".join(hollow + NOISE[:500] for _ in range(8)), "audio_broken"),
        "MP3, eleven minutes": (MP3 * 660, "audio_too_long"),
    }


def iso_media() -> Files:
    sound = muxed("ipod", ["aac"])
    at = sound.index(b"moov") - 4
    deep = b""
    for _ in range(2_000):
        deep = box(b"moov", deep)
    table = sound.index(b"stsz")
    huge_table = sound[: table + 12] + b"\xff\xff\xff\xf0" + sound[table + 16 :]
    start = sound[: sound.index(b"mdat") - 4]
    return {
        "M4A, brand only": (sound[:28], "audio_broken"),
        "M4A, without its index": (sound[:at], "audio_broken"),
        "M4A, sound bytes replaced by noise": (sound.replace(sound[60:at], NOISE[: at - 60]), "audio_broken"),
        "M4A, boxes 2,000 deep": (start + deep, "audio_broken"),
        "M4A, a table of 4 billion entries": (huge_table, "audio_broken"),
        "M4A, a box of 2 GB": (start + box(b"moov", b"", claim=0x7FFFFFFF), "audio_broken"),
        "M4A, a box of no size": (start + box(b"moov", b"", claim=1) + bytes(64), "audio_broken"),
        "M4A, six channels": (muxed("ipod", ["aac"], layout="5.1"), "audio_channels"),
        "M4A, two recordings": (muxed("mp4", ["aac", "aac"]), "audio_streams"),
        "M4A, a film": (muxed("mp4", ["mpeg4", "aac"]), "audio_streams"),
        "M4A, a film without sound": (muxed("mp4", ["mpeg4"]), "audio_streams"),
        "M4A, AC-3 inside": (muxed("mp4", ["ac3"]), "audio_codec_refused"),
        "M4A, MP3 inside": (muxed("mp4", ["libmp3lame"]), "audio_codec_refused"),
        "a HEIC picture": (sound.replace(b"ftypM4A ", b"ftypheic"), "audio_format_unknown"),
    }


def ogg_and_webm() -> Files:
    ogg, webm = muxed("ogg", ["libopus"]), muxed("webm", ["libopus"])
    return {
        "OGG, the first four bytes": (ogg[:4], "audio_broken"),
        "OGG, headers only": (ogg[:120], "audio_broken"),
        "OGG, noise after the first page": (ogg[:47] + NOISE, "audio_broken"),
        "OGG, two recordings": (muxed("ogg", ["libopus", "libopus"]), "audio_streams"),
        "OGG, six channels": (muxed("ogg", ["libopus"], layout="5.1"), "audio_channels"),
        "OGG, an absurd last position": (with_granule(ogg, 1 << 62), "audio_too_long"),
        "WebM, the first bytes": (webm[:40], "audio_broken"),
        "WebM, a film": (muxed("webm", ["libvpx", "libopus"]), "audio_streams"),
        "WebM, two recordings": (muxed("webm", ["libopus", "libopus"]), "audio_streams"),
        "WebM, an element without end": (webm[:40] + b"\x18\x53\x80\x67\x08" + b"\xff" * 40, "audio_broken"),
        "WebM, noise inside": (webm[:300] + NOISE, "audio_broken"),
    }


def with_granule(content: bytes, granule: int) -> bytes:
    """Return an OGG file whose last page claims to end at sample `granule`; its checksum is put right."""
    at = content.rindex(b"OggS")
    page = bytearray(content[at:])
    page[6:14] = granule.to_bytes(8, "little")
    page[22:26] = bytes(4)
    page[22:26] = ogg_checksum(bytes(page)).to_bytes(4, "little")
    return content[:at] + bytes(page)


def ogg_checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value


def harmless() -> dict[str, bytes]:
    """Return odd files that hold honest sound: what clings to it is dropped, so there is no reason to refuse them."""
    cover = b"\x89PNG\r\n\x1a\n" + bytes(2_000)
    picture = b"\x00image/png\x00\x03\x00" + cover
    frame = b"APIC" + bytes(len(picture) >> shift & 0x7F for shift in (21, 14, 7, 0)) + b"\x00\x00" + picture
    tag = b"ID3\x04\x00\x00" + bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0)) + frame
    return {
        "a WAV with a zip behind it": WAV + zipped(),
        "an MP3 behind a tag of 5 MB": id3(5_000_000) + MP3,
        "an MP3 with a cover": tag + MP3,
        "a FLAC behind a tag": tag + FLAC,
        "a WAV with a web page in a chunk": WAV[:36] + b"junk" + struct.pack("<I", 40) + b"<script>" * 5 + WAV[36:],
        "a WAV from a pipe, size unknown": wav(WAV[44:], claim=0xFFFFFFFF),
        "an MP3 whose last frame is cut": MP3[:-60],
    }
