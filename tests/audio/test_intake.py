"""The door for untrusted sound."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.audio import crooked, fuzz, hostile
from tests.audio.sounds import a_melody, muxed, written
from velluto.audio import confined, guard, intake
from velluto.audio.refusals import AudioDecoderLimit, AudioRefusal, AudioTooLarge, AudioTooLong
from velluto.audio.signal import Audio
from velluto.errors import Refusal

HOSTILE = hostile.every_file() | {name: file for family in crooked.every_family() for name, file in family.items()}
READABLE = crooked.readable()
HARMLESS = hostile.harmless()


def likeness(heard: Audio, said: Audio) -> float:
    """Return the correlation of two sounds at 8 kHz; a codec may have moved one by up to 50 ms."""
    left, right = heard.at(8_000).samples, said.at(8_000).samples
    size = min(len(left), len(right)) - 400
    return max(np.corrcoef(left[shift : shift + size], right[:size])[0, 1] for shift in range(400))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_by_its_own_code(name: str) -> None:
    content, code = HOSTILE[name]
    with pytest.raises(Refusal) as refused:
        intake.decode(content)
    assert refused.value.code == code


@pytest.mark.parametrize("name", HARMLESS)
def test_what_clings_to_honest_sound_is_dropped(name: str) -> None:
    assert likeness(intake.decode(HARMLESS[name]), hostile.SOUND) > 0.99


@pytest.mark.parametrize("name", READABLE)
def test_a_crooked_file_is_read_as_the_sound_that_it_holds_itself(name: str) -> None:
    content, seconds = READABLE[name]
    assert intake.decode(content).seconds == pytest.approx(seconds, abs=0.1)


@pytest.mark.parametrize(
    ("content", "at_least"),
    [
        (written(a_melody(rate=48_000), "WAV", "PCM_16"), 0.9999),
        (written(a_melody(rate=44_100), "WAV", "PCM_24", channels=2), 0.9999),
        (written(a_melody(rate=16_000), "WAV", "FLOAT"), 0.9999),
        (written(a_melody(rate=16_000), "WAV", "PCM_U8"), 0.999),
        (written(a_melody(rate=8_000), "WAV", "ULAW"), 0.999),
        (written(a_melody(rate=96_000), "FLAC", "PCM_24", channels=2), 0.9999),
        (written(a_melody(rate=44_100), "MP3"), 0.999),
        (written(a_melody(rate=22_050), "MP3", channels=2), 0.999),
        (muxed("ipod", ["aac"], seconds=2.0, layout="stereo"), 0.999),
        (muxed("ipod", ["alac"], seconds=2.0), 0.9999),
        (muxed("mp4", ["libopus"], seconds=2.0), 0.999),
        (muxed("ogg", ["libopus"], seconds=2.0), 0.999),
        (written(a_melody(rate=44_100), "OGG", "VORBIS", channels=2), 0.999),
        (muxed("webm", ["libopus"], seconds=2.0, layout="stereo"), 0.999),
    ],
    ids=range(14),
)
def test_a_good_file_sounds_as_it_was_made(content: bytes, at_least: float) -> None:
    heard = intake.decode(content)
    assert heard.samples.dtype == np.float32
    assert heard.seconds == pytest.approx(2.0, abs=0.06)
    assert likeness(heard, a_melody()) > at_least
    assert np.abs(heard.samples).max() == pytest.approx(np.abs(a_melody().samples).max(), abs=0.03)


@pytest.mark.parametrize(("rate", "kept"), [(8_000, 8_000), (22_050, 22_050), (24_000, 24_000), (192_000, 24_000)])
def test_no_rate_is_raised_and_none_above_24_khz_is_kept(rate: int, kept: int) -> None:
    assert intake.decode(written(a_melody(rate=rate), "WAV", "PCM_16")).rate == kept


def test_sixteen_bit_samples_arrive_bit_by_bit() -> None:
    whole = np.arange(-32_768, 32_768, dtype=np.int16)
    heard = intake.decode(hostile.wav(whole.tobytes()))
    assert np.array_equal(heard.samples * 32_768, whole)


def test_two_channels_are_averaged() -> None:
    left, right = np.full(4_800, 8_000, np.int16), np.full(4_800, 4_000, np.int16)
    heard = intake.decode(hostile.wav(np.stack([left, right], 1).tobytes(), channels=2))
    assert np.allclose(heard.samples, 6_000 / 32_768)


def test_what_overshoots_a_little_is_brought_within_full_scale() -> None:
    loud = np.tile(np.array([1.5, -1.5], "<f4"), 5_000)
    heard = intake.decode(hostile.wav(loud.tobytes(), tag=3, bits=32))
    assert set(heard.samples.tolist()) == {1.0, -1.0}


def test_a_stream_is_read_and_the_samples_can_be_changed() -> None:
    heard = intake.decode(io.BytesIO(hostile.FLAC))
    heard.samples[0] = 0.5
    assert heard.seconds == 1.0


def test_a_recording_may_be_as_long_as_asked_and_no_longer() -> None:
    assert intake.decode(hostile.WAV, longest=1.0).seconds == 1.0
    with pytest.raises(AudioTooLong):
        intake.decode(hostile.WAV, longest=0.99)


def test_an_upload_is_given_up_at_its_first_byte_too_many() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return bytes(size)

    upload = Endless()
    with pytest.raises(AudioTooLarge) as refused:
        intake.decode(upload, largest=3_000_000)
    assert upload.given <= 4_000_000 + (1 << 20)
    assert "3 MB" in refused.value.sentence


def test_a_decoder_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "WALL_SECONDS", 0.001)
    with pytest.raises(AudioDecoderLimit):
        intake.decode(hostile.WAV)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("bytearray(2 << 30)", "MemoryError"),
        ("open('/etc/passwd')", "OSError"),
        ("__import__('socket').socket()", "OSError"),
        ("os.pipe()", "OSError"),
        ("os.unlink('/tmp/sesame-that-never-was')", "OSError"),
        ("os.fork()", "OSError"),
        ("os.kill(os.getppid(), 0)", "OSError"),
        ("os.execv('/bin/true', ['true'])", "OSError"),
        ("child.resource.setrlimit(child.resource.RLIMIT_NOFILE, (99, 99))", "OSError"),
    ],
)
def test_the_decoder_has_given_up_files_sockets_and_memory(code: str, expected: str) -> None:
    script = f"""
import importlib.util, os, socket
spec = importlib.util.spec_from_file_location("confined", {str(guard.CHILD)!r})
child = importlib.util.module_from_spec(spec)
spec.loader.exec_module(child)
child.confine(os.getppid())
try:
    {code}
except {expected}:
    print("refused")
"""
    run = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "refused\n"


@pytest.mark.skipif(os.uname().machine not in confined.SYSTEM_CALLS, reason="the numbers of its system calls")
def test_what_needs_no_descriptor_is_unknown_to_the_kernel_too(tmp_path: Path) -> None:
    task = tmp_path / "task.py"
    task.write_text(
        """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
kept = ctypes.create_string_buffer(b"kept")

class Part(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

def run(content):
    said = {}
    part = Part(ctypes.addressof(kept), 4)
    for name, call in {
        "unlink": lambda: libc.unlink(__file__.encode()),
        "truncate": lambda: libc.truncate(__file__.encode(), 0),
        "read the parent": lambda: libc.process_vm_readv(os.getppid(), ctypes.byref(part), 1, ctypes.byref(part), 1, 0),
        "fork": libc.fork,
        "socket": lambda: libc.socket(2, 1, 0),
        "kill": lambda: libc.kill(os.getppid(), 0),
    }.items():
        said[name] = [call(), errno.errorcode[ctypes.get_errno()]]
    return {"said": said}, b""
"""
    )
    with guard.in_memory(b"", 1) as source:
        answer = guard.run(task, source, [], most=0)
    assert isinstance(said := answer.head["said"], dict)
    assert len(said) == 6
    assert all(result == [-1, "ENOSYS"] for result in said.values())
    assert task.stat().st_size > 0


def test_no_secret_is_in_the_decoders_environment_or_within_its_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text("sesame")
    for name in ("SECRET_KEY", "VAULT_KEK", "DATABASE_URL", "PYTHONPATH"):
        monkeypatch.setenv(name, "sesame")
    task = tmp_path / "task.py"
    task.write_text(
        """
import os

def run(content, keys):
    try:
        found = open(keys).read()
    except OSError:
        found = "nothing"
    return {"environment": dict(os.environ), "found": found}, b""
"""
    )
    with guard.in_memory(b"", 1) as source:
        answer = guard.run(task, source, [str(keys)], most=0)
    assert answer.head["found"] == "nothing"
    assert isinstance(environment := answer.head["environment"], dict)
    assert set(environment) <= {"OPENBLAS_NUM_THREADS", "LC_CTYPE"}


def test_the_limits_of_the_decoder_are_those_that_are_promised() -> None:
    assert (confined.MEMORY, confined.CPU_SECONDS, guard.WALL_SECONDS) == (1 << 30, 20, 30.0)
    assert (intake.LONGEST, intake.LARGEST) == (600.0, 50_000_000)


def test_damaged_files_meet_known_refusals_or_are_read() -> None:
    found = fuzz.fuzz(15, seed=2)
    assert found.files == sum(found.codes.values()) == 15
    assert not found.unknown


@pytest.mark.parametrize("head", [b"", b"noise", b"[]\n", b'{"rate": "x"}\n', b'{"rate": 24000}\nabc', b"{}\n" * 99])
def test_a_decoder_in_other_hands_can_only_be_refused(head: bytes) -> None:
    line, _, samples = head.partition(b"\n")
    with pytest.raises(AudioRefusal):
        intake._audio(guard.Answer(guard._head(line), samples))


def test_nothing_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    intake.decode(hostile.MP3)
    with pytest.raises(Refusal):
        intake.decode(hostile.NOISE)
    assert list(tmp_path.iterdir()) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


def test_each_refusal_has_its_own_code_and_tells_what_to_do() -> None:
    kinds = AudioRefusal.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds) == 12
    assert all(kind.message.endswith(".") and kind.next_step.endswith(".") for kind in kinds)
