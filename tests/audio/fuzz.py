"""Damage good files of every accepted container at random, send them through the door, and count what happens.

    python -m tests.audio.fuzz --files 1000 --seed 1

The last line printed is a JSON object. The exit status is 0 only where every file was read or met a refusal that has a
code: a decoding process that dies of a file is counted, and refused as `audio_broken` like any damage.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any
from unittest.mock import patch

from tests.audio.sounds import a_melody, muxed, written
from velluto.audio import guard, intake
from velluto.audio.refusals import AudioRefusal

READ = "read"
CODES = {READ, *(kind.code for kind in AudioRefusal.__subclasses__())}
HEAD = 512  # bytes in which the edits of a header fall
STRANGE = (b"\x00" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\x00\x00\x00\x01", b"\xff\xff\xff\x7f")


@dataclass
class Found:
    """What happened: how many files, how often each code, what no code covers, and which processes died."""

    files: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    unknown: list[str] = field(default_factory=list)  # errors that are no refusal, by number of the file
    deaths: Counter[str] = field(default_factory=Counter)  # decoding processes ended by a signal of their own making
    slowest_s: float = 0.0
    largest_mb: float = 0.0  # resident, of any decoding process


@cache
def good_files() -> tuple[bytes, ...]:
    """Return files that the door accepts: every container, and most of the codecs in it."""
    sound = a_melody(0.5)
    return (
        written(sound, "WAV", "PCM_16"),
        written(sound, "WAV", "PCM_24", channels=2),
        written(sound, "WAV", "FLOAT"),
        written(sound, "WAV", "ULAW"),
        written(sound, "FLAC", "PCM_16"),
        written(sound, "FLAC", "PCM_24", channels=2),
        written(sound, "MP3"),
        written(sound, "OGG", "VORBIS"),
        *(muxed(kind, ["libopus"], seconds=0.5) for kind in ("ogg", "webm", "mp4")),
        *(muxed("ipod", [codec], seconds=0.5) for codec in ("aac", "alac")),
    )


def flip(content: bytearray, chance: Random) -> None:
    for _ in range(chance.choice((1, 4, 16, 64))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def edit_head(content: bytearray, chance: Random) -> None:
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(min(HEAD, len(content)))
        value = chance.choice(STRANGE)[: chance.choice((1, 2, 4))]
        content[at : at + len(value)] = value


def cut(content: bytearray, chance: Random) -> None:
    del content[chance.randrange(1, len(content)) :]


def drop(content: bytearray, chance: Random) -> None:
    at = chance.randrange(len(content))
    del content[at : at + chance.randint(1, 2_000)]


def double(content: bytearray, chance: Random) -> None:
    at = chance.randrange(len(content))
    content[at:at] = content[at : at + chance.randint(1, 2_000)] * chance.choice((1, 2, 50))


def splice(content: bytearray, chance: Random) -> None:
    other = chance.choice(good_files())
    at = chance.randrange(len(content))
    content[at:] = other[chance.randrange(len(other)) :]


def overwrite(content: bytearray, chance: Random) -> None:
    at = chance.randrange(len(content))
    noise = chance.randbytes(chance.choice((4, 64, 1_000)))
    content[at : at + len(noise)] = noise


DAMAGE: tuple[Callable[[bytearray, Random], None], ...] = (flip, edit_head, cut, drop, double, splice, overwrite)


def damaged(chance: Random) -> bytes:
    """Return a good file after one to three kinds of damage; its first four bytes stay, or it would not come far."""
    whole = chance.choice(good_files())
    content = bytearray(whole[4:])
    for hurt in chance.sample(DAMAGE, chance.randint(1, 3)):
        if content:
            hurt(content, chance)
    return whole[:4] + bytes(content)


class Watched(subprocess.Popen[bytes]):
    """A process whose end is remembered."""

    ends: list[int]

    def wait(self, timeout: float | None = None) -> int:
        end = super().wait(timeout)
        self.ends.append(end)
        return end


def fuzz(files: int, *, seed: int, tell: Callable[[str], None] = lambda _: None) -> Found:
    """Send `files` damaged files through `intake.decode`; the same seed makes the same files."""
    found = Found()
    for number in range(files):
        content = damaged(Random(f"{seed}/{number}"))
        Watched.ends = []
        started = time.monotonic()
        try:
            with patch.object(subprocess, "Popen", Watched):
                intake.decode(content)
            code = READ
        except AudioRefusal as refusal:
            code = refusal.code
        except Exception as error:
            found.unknown.append(f"{number}: {error!r}")
            code = type(error).__name__
        found.slowest_s = max(found.slowest_s, round(time.monotonic() - started, 2))
        found.files += 1
        found.codes[code] += 1
        if Watched.ends and Watched.ends[0] < 0 and Watched.ends[0] not in guard.ENDED_AT_LIMIT:
            found.deaths[f"signal {-Watched.ends[0]}"] += 1
        if number % 100 == 99:
            tell(f"{number + 1} files: {dict(found.codes)}")
    found.unknown += [f"code {code}" for code in found.codes if code not in CODES]
    found.largest_mb = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    found = fuzz(chosen.files, seed=chosen.seed, tell=lambda line: print(line, file=sys.stderr, flush=True))
    result: dict[str, Any] = {"seed": chosen.seed, **vars(found), "crashes": len(found.unknown)}
    print(json.dumps(result))
    return 1 if found.unknown or found.files != chosen.files else 0


if __name__ == "__main__":
    sys.exit(main())
