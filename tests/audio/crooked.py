"""More hostile files, by what is crooked about them: lengths, tags, tables, pages, and names of other files.

Families as in hostile.py: {description: (content, code)}.
"""

from __future__ import annotations

import gzip
import struct

import numpy as np

from tests.audio.hostile import FLAC, MP3, NOISE, SOUND, WAV, Files, box, id3, ogg_checksum, wav, zipped
from tests.audio.sounds import muxed, written
from velluto.audio.signal import Audio

OPUS, VORBIS = muxed("ogg", ["libopus"]), written(SOUND, "OGG", "VORBIS")
WEBM, M4A = muxed("webm", ["libopus"]), muxed("ipod", ["aac"])
UNKNOWN, BROKEN = "audio_format_unknown", "audio_broken"
TEN_HOURS = 36_000  # seconds
CUTS = (0.01, 0.1, 0.3, 0.45)


def every_family() -> tuple[Files, ...]:
    return (
        archives(),
        names_of_other_files(),
        polyglots(),
        crooked_wav(),
        crooked_flac(),
        crooked_mp3(),
        crooked_iso_media(),
        crooked_ogg(),
        crooked_webm(),
        cut_off(),
    )


def archives() -> Files:
    bomb = gzip.compress(bytes(20_000_000))
    return {
        "a gzip bomb of 20 MB": (bomb, UNKNOWN),
        "a gzip bomb behind the first bytes of a WAV": (WAV[:44] + bomb, BROKEN),
        "a zip that calls itself M4A": (b"\0\0\0\x18ftypM4A " + bytes(12) + zipped(), BROKEN),
        "a gzip bomb behind a FLAC's head": (FLAC[:42] + bomb, BROKEN),
    }


def names_of_other_files() -> Files:
    """Playlists and references: no other file, and no network, is ever opened."""
    lines = {
        "a bare path": b"file:///etc/passwd\n",
        "an HLS playlist with a key": b'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="http://127.0.0.1:1/"\n#EXTINF:1,\na.ts\n',
        "an HLS playlist behind a blank line": b"\n#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/a.wav\n",
        "a concat script with a protocol": b"ffconcat version 1.0\nfile 'concat:/etc/passwd|/etc/hosts'\n",
        "a PLS playlist": b"[playlist]\nFile1=/etc/passwd\nNumberOfEntries=1\n",
        "an XSPF playlist": b"<?xml version='1.0'?><playlist><location>file:///etc/passwd</location></playlist>",
        "an SDP that listens": b"v=0\nc=IN IP4 0.0.0.0\nm=audio 8159 RTP/AVP 0\n",
    }
    return {
        **{name: (content + bytes(64), UNKNOWN) for name, content in lines.items()},
        "a playlist behind a tag": (id3(64) + lines["a bare path"] + bytes(64), UNKNOWN),
        "an HLS playlist within an OGG's name": (b"OggS" + b"#EXTM3U\nfile:///etc/passwd\n" * 10, BROKEN),
    }


def polyglots() -> Files:
    page = b"<script>alert(1)</script>"
    return {
        "a web page, then a WAV": (page + WAV, UNKNOWN),
        "a program that ends as MP3": (b"\x7fELF\x02\x01\x01" + bytes(100) + MP3, UNKNOWN),
        "a PDF within the first bytes of an OGG": (b"OggS%PDF-1.7" + NOISE, BROKEN),
        "a WAV that says it is a FLAC inside": (b"RIFF" + struct.pack("<I", len(FLAC)) + b"WAVE" + FLAC, BROKEN),
        "a WebM's first bytes and a film's box": (WEBM[:64] + box(b"ftyp", b"isom" + bytes(8)) + M4A, BROKEN),
    }


def crooked_wav() -> Files:
    tone = WAV[44:]
    rf64 = b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<IQQQI", 28, 1 << 62, 1 << 62, 1 << 61, 0) + WAV[12:]
    extensible = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 24_000, 48_000, 2, 16, 22, 99, 0xFFFFFFFF) + NOISE[:16]
    beyond = b"fmt " + struct.pack("<I", len(extensible)) + extensible
    many_chunks = (b"junk" + bytes(4)) * 100_000
    silence = wav(bytes(8_000), rate=8_000, bits=8, claim=TEN_HOURS * 8_000)
    return {
        "RF64 of 4 EB": (rf64, UNKNOWN),
        "WAV, 255 channels": (wav(tone, channels=255), "audio_channels"),
        "WAV, 65535 bits": (wav(tone, bits=65_535), "audio_codec_refused"),
        "WAV, an unknown extended format": (b"RIFF\0\0\1\0WAVE" + beyond + WAV[36:], "audio_codec_refused"),
        "WAV, 100,000 empty chunks": (WAV[:12] + many_chunks + WAV[12:], BROKEN),
        "WAV, ten hours of silence claimed": (silence, BROKEN),
        "WAV, ten hours at 8 kHz in 50 MB": (wav(bytes(49_000_000), rate=8_000, bits=8), "audio_too_long"),
        "float WAV of nothing but NaN": (
            wav(np.full(24_000, np.nan, "<f4").tobytes(), tag=3, bits=32),
            "audio_not_finite",
        ),
        "float WAV, the last sample infinite": (
            wav(np.append(np.zeros(24_000), -np.inf).astype("<f4").tobytes(), tag=3, bits=32),
            "audio_not_finite",
        ),
    }


def crooked_flac() -> Files:
    def info(at: int, value: bytes) -> bytes:
        return FLAC[:at] + value + FLAC[at + len(value) :]

    picture = b"\x06\xff\xff\xff" + struct.pack(">II", 3, 0xFFFFFFFF) + bytes(64)
    return {
        "FLAC, block and frame sizes of zero": (info(8, bytes(10)), BROKEN),
        "FLAC, a cover of 4 GB claimed": (FLAC[:42] + picture + FLAC[42:], BROKEN),
        "FLAC, head blocks without end": (FLAC[:42] + b"\x01\0\0\0" * 200_000, BROKEN),
        "FLAC, its frames twice in disorder": (FLAC[:42] + FLAC[len(FLAC) // 2 :] + FLAC[42:], BROKEN),
        "FLAC, a second file behind the first, at another rate": (
            FLAC + written(Audio(SOUND.samples, 8_000), "FLAC", channels=2),
            BROKEN,
        ),
    }


def crooked_mp3() -> Files:
    side = MP3.find(b"Xing") if b"Xing" in MP3 else MP3.find(b"Info")
    head = MP3[: side + 4] if side >= 0 else MP3[:40]
    rest = MP3[len(head) + 8 :]
    layer_two = MP3.replace(MP3[:2], bytes((MP3[0], MP3[1] & 0xF9 | 4)))
    return {
        "MP3, 4 billion frames claimed": (head + b"\0\0\0\x03" + b"\xff" * 4 + rest, "audio_too_long"),
        "MP3, one frame, then zeros": (MP3[:500] + bytes(500_000), "audio_empty"),
        "MP3, every frame of layer two": (layer_two, UNKNOWN),
        "MP3, frames of two rates": ((MP3 + written(Audio(SOUND.samples, 8_000), "MP3")) * 2, BROKEN),
        "MP3, a tag that is its own length": (b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + MP3, UNKNOWN),
    }


def crooked_iso_media() -> Files:
    def patched(kind: bytes, offset: int, value: bytes, content: bytes = M4A) -> bytes:
        at = content.index(kind) + offset
        return content[:at] + value + content[at + len(value) :]

    most = b"\xff\xff\xff\xff"
    return {
        "M4A, frames of ten minutes each": (patched(b"stts", 16, struct.pack(">I", 600 * 48_000)), BROKEN),
        "M4A, a time scale of zero": (patched(b"mdhd", 16, bytes(4)), BROKEN),
        "M4A, an edit that begins in a thousand hours": (patched(b"elst", 12, b"\x7f\xff\xff\xff" * 2), BROKEN),
        "M4A, 4 billion samples to a chunk": (patched(b"stsc", 16, most), BROKEN),
        "M4A, 4 billion durations": (patched(b"stts", 8, most), "audio_decoder_limit"),
        "M4A, chunks behind the end": (patched(b"stco", 12, b"\x7f\xff\xff\xff"), BROKEN),
        "M4A, sizes of samples of 2 GB": (patched(b"stsz", 8, b"\x7f\xff\xff\xff"), BROKEN),
        "M4A, a film in HEVC": (muxed("mp4", ["libx265", "aac"]), "audio_streams"),
        "M4A, film and covers only": (muxed("mp4", ["mpeg4", "mpeg4"]), "audio_streams"),
    }


def crooked_ogg() -> Files:
    pages = [b"OggS" + page for page in OPUS.split(b"OggS")[1:]]
    damaged = bytearray(OPUS)
    for at in [at for at in range(len(OPUS) - 4) if OPUS[at : at + 4] == b"OggS"]:
        damaged[at + 22] ^= 0xFF
    interleaved = [b"OggS" + page for page in VORBIS.split(b"OggS")[1:]]
    mixed = pages[0] + interleaved[0] + b"".join(pages[1:] + interleaved[1:])
    empty = bytearray(b"OggS\0\0" + bytes(8) + pages[0][14:18] + struct.pack("<I", 9) + bytes(4) + b"\0")
    empty[22:26] = ogg_checksum(bytes(empty)).to_bytes(4, "little")
    return {
        "OGG, every checksum wrong": (bytes(damaged), BROKEN),
        "OGG, Opus without a packet": (pages[0] + pages[1], BROKEN),
        "OGG, 40,000 empty pages": (pages[0] + pages[1] + bytes(empty) * 40_000, BROKEN),
        "OGG, two recordings interleaved": (mixed, "audio_streams"),
        "OGG, 255 channels": (OPUS.replace(b"OpusHead\x01\x01", b"OpusHead\x01\xff"), BROKEN),
        "OGG, Opus with nothing but a name": (pages[0][:28] + b"OpusHead" + bytes(8), BROKEN),
        "OGG, comments of 4 GB claimed": (OPUS.replace(b"OpusTags", b"OpusTags" + b"\xff" * 4), BROKEN),
        "OGG, a film": (muxed("ogg", ["libopus", "libvpx"]), "audio_streams"),
    }


def crooked_webm() -> Files:
    cluster = b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff"
    at = WEBM.index(cluster[:4])
    head = WEBM[:at]
    deep = b"".join(b"\xae\x01\xff\xff\xff\xff\xff\xff\xff" for _ in range(5_000))
    return {
        "WebM, 50,000 clusters of no size": (head + cluster * 50_000, BROKEN),
        "WebM, tracks within tracks": (WEBM[:60] + deep, BROKEN),
        "WebM, an element of 2^56 bytes": (head + b"\xec\x01\xff\xff\xff\xff\xff\xff\xfe", BROKEN),
        "WebM, no track": (WEBM[:40] + WEBM[at:], BROKEN),
        "WebM, an attachment in place of sound": (head + b"\x19\x41\xa4\x69\x88" + NOISE[:8], BROKEN),
        "WebM, a codec of another name": (WEBM.replace(b"A_OPUS", b"A_ZZZZ"), "audio_codec_refused"),
        "WebM, six channels": (muxed("webm", ["libopus"], layout="5.1"), "audio_channels"),
    }


def cut_off() -> Files:
    """Cut one good file of each container off at every stage; an MP3 does not say how long it should be."""
    whole = {"WAV": WAV, "FLAC": FLAC, "M4A": M4A, "OGG": OPUS, "OGG Vorbis": VORBIS, "WebM": WEBM}
    return {
        "MP3, 1% of it": (MP3[: len(MP3) // 100], UNKNOWN),
        **{
            f"{kind}, {share:.0%} of it": (content[: int(len(content) * share)], BROKEN)
            for kind, content in whole.items()
            for share in CUTS
        },
    }


def readable() -> dict[str, tuple[bytes, float]]:
    """Return crooked files that hold sound all the same, with its seconds: nothing in them leads anywhere else."""
    moov = M4A[M4A.index(b"moov") - 4 :]
    pointing = bytearray(M4A)  # "not in this file", and a name behind it
    at = M4A.index(b"url ") + 4
    pointing[at : at + 4] = bytes(4)
    heads = (MP3[:4] + bytes(4)) * 50_000
    return {
        "a WAV with its sound before its format": (WAV[:12] + WAV[36:] + WAV[12:36], 1.0),
        "a WAV of 1-bit samples, read as bytes": (wav(WAV[44:], bits=1), 2.0),
        "a WAV with byte rate and block size of zero": (WAV[:28] + bytes(6) + WAV[34:], 1.0),
        "a FLAC that claims the largest block size": (FLAC[:8] + b"\xff" * 4 + FLAC[12:], 1.0),
        "an MP3 of heads of frames and nothing in them": (heads, 50.0),
        "an M4A whose index stands there a thousand times": (M4A + moov * 1_000, 1.0),
        "an M4A that says its sound lies elsewhere": (bytes(pointing), 1.0),
        "an OGG with another recording behind it": (OPUS + VORBIS, 1.0),
    }
