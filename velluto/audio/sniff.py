"""Recognise a container by its bytes, never by its name or declared type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

WINDOW = 4096  # bytes from the start that recognition looks at

PCM = ("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "pcm_mulaw")


@dataclass(frozen=True, slots=True)
class Container:
    """A kind of file that is read: its name here, FFmpeg's demuxer, and the decoders that may run on what it holds."""

    name: str
    demuxer: str
    codecs: tuple[str, ...]


WAV = Container("wav", "wav", PCM)
FLAC = Container("flac", "flac", ("flac",))
MP3 = Container("mp3", "mp3", ("mp3float", "mp3"))
M4A = Container("m4a", "mov", ("aac", "alac", "libopus", "opus"))
OGG = Container("ogg", "ogg", ("libopus", "opus", "libvorbis", "vorbis", "flac"))
WEBM = Container("webm", "matroska", ("libopus", "opus", "libvorbis", "vorbis"))

# Sound and film brands of ISO media; a picture (HEIF, AVIF) of the same family is refused at the door.
SOUND_BRANDS = (b"M4A", b"M4B", b"mp4", b"iso", b"dash", b"3g", b"qt  ", b"avc1")

MP3_RATES = ((11_025, 12_000, 8_000), (0, 0, 0), (22_050, 24_000, 16_000), (44_100, 48_000, 32_000))  # by version bits
MP3_KBPS = (
    (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5, layer III
    (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1, layer III
)
MPEG_1 = 3


def container(start: bytes, *, more: Callable[[int, int], bytes]) -> Container | None:
    """Return the kind of the file that begins with `start`; `more(size, offset)` reads further bytes of it."""
    if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
        return WAV
    if more(4, _id3_length(start)) == b"fLaC":  # a provenance manifest sits in an ID3 tag in front of it
        return FLAC
    if start[:4] == b"OggS":
        return OGG
    if start[:4] == b"\x1aE\xdf\xa3" and b"webm" in start[:256]:
        return WEBM
    if start[4:8] == b"ftyp" and start[8:12].startswith(SOUND_BRANDS):
        return M4A
    if _is_mp3(start, more):
        return MP3
    return None


def _is_mp3(start: bytes, more: Callable[[int, int], bytes]) -> bool:
    """Say whether two frames of MPEG layer III follow each other right at the start or right after an ID3 tag.

    One sync word alone occurs in any noise, and a tag alone can be put in front of anything.
    """
    offset = _id3_length(start)
    first = more(4, offset)
    length = _mp3_frame_length(first)
    return length > 0 and _mp3_frame_length(more(4, offset + length)) > 0


def _id3_length(start: bytes) -> int:
    """Return the length in bytes of the ID3v2 tag at the start, 0 without one."""
    if start[:3] != b"ID3" or len(start) < 10 or max(start[6:10]) > 0x7F:
        return 0
    size = 0
    for byte in start[6:10]:
        size = size << 7 | byte
    has_footer = start[5] & 0x10
    return 10 + size + (10 if has_footer else 0)


def _mp3_frame_length(header: bytes) -> int:
    """Return the length in bytes of the layer III frame that begins with these four bytes, 0 where none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bit_rate, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer != 1 or bit_rate in (0, 15) or rate == 3:
        return 0
    kbps = MP3_KBPS[version == MPEG_1][bit_rate - 1]
    samples = 1152 if version == MPEG_1 else 576
    padding = header[2] >> 1 & 1
    return samples // 8 * kbps * 1000 // MP3_RATES[version][rate] + padding
