"""What is done to Velluto's sound to wash its mark off; `python -m tests.redteam.removal` counts what is found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import numpy as np

from velluto.audio.signal import Audio
from velluto.benchmarks.attacks import TELEPHONE_RATE, coded, echoed, faster, hurried, noisy, telephone

STATEMENT = (
    "I, Alice Baker, on the twenty-first of November, consent to the creation of a synthetic voice based on my "
    "recordings, to be used by Velluto."
)
SEMITONE = 2 ** (1 / 12)


def higher(audio: Audio, by: float) -> Audio:
    """Return `audio` at another pitch, as long as it was."""
    return hurried(faster(audio, by), 1 / by)


def noise(audio: Audio) -> Audio:
    return noisy(audio, np.random.default_rng(0))


def pieces(audio: Audio) -> Audio:
    """Return every other 2 s of it, as somebody cuts a recording together."""
    parts = [audio.cut(start, start + 2).samples for start in np.arange(0, audio.seconds, 4)]
    return Audio(np.concatenate(parts), audio.rate)


REMOVALS: dict[str, Callable[[Audio], Audio]] = {
    "as it is": lambda audio: audio,
    "MP3 at 32 kbit/s": lambda audio: coded(audio, "mp3", "libmp3lame", 32_000, audio.rate),
    "Opus at 16 kbit/s": lambda audio: coded(audio, "ogg", "libopus", 16_000, 48_000),
    "8 kHz and back": lambda audio: audio.at(TELEPHONE_RATE).at(audio.rate),
    "by telephone": telephone,
    "noise 20 dB below": noise,
    "in a loud room": echoed,
    "half of it cut away": lambda audio: audio.cut(audio.seconds / 4, audio.seconds * 3 / 4),
    "played 5 % faster": faster,
    "5 % faster at its pitch": hurried,
    "10 % slower at its pitch": lambda audio: hurried(audio, 0.9),
    "a semitone up": lambda audio: higher(audio, SEMITONE),
    "a semitone down": lambda audio: higher(audio, 1 / SEMITONE),
    "played 10 % faster": lambda audio: faster(audio, 1.1),
    "every other two seconds": pieces,
    "8 kHz, MP3 and 5 % faster": lambda audio: coded(faster(telephone(audio)), "mp3", "libmp3lame", 32_000, audio.rate),
}


def outputs() -> Iterator[tuple[str, Audio]]:
    """Yield marked speech of a cloned voice and of other voices, as long as each step of the gate asks for."""
    from consent.phrases import WORDS
    from consent.script import PASSAGES
    from tests import factories
    from velluto import engines
    from velluto.audio import intake
    from velluto.engines.espeak import say

    texts = {
        "captcha": [", ".join(WORDS[start : start + 5]) + "." for start in range(0, 20, 5)],
        "statement": [STATEMENT],
        "sample": [PASSAGES[0], PASSAGES[1]],
    }
    cloner = engines.speech()
    voice = cloner.enrol([intake.decode(factories.sample())])
    speakers: list[Callable[[str], Audio]] = [lambda text: cloner.speak(voice, text)]
    speakers += [lambda text, name=name: say(text, name).at(16_000) for name in ("en-us+m3", "en-us+f4", "en-us+m7")]
    for speak in speakers:
        for step, lines in texts.items():
            for number, line in enumerate(lines):
                yield step, engines.watermark().embed(speak(line), 1_000 + number)


def main() -> None:
    """Print, for each removal and each step of the gate, from how many recordings the mark was still read."""
    from velluto import engines

    made = list(outputs())
    steps = list(dict.fromkeys(step for step, _ in made))
    for step in steps:
        lengths = [audio.seconds for there, audio in made if there == step]
        print(f"{step}: {len(lengths)} recordings of {min(lengths):.1f} to {max(lengths):.1f} s")
    print("|", " | ".join(["what was tried", *steps]), "|")
    for name, remove in REMOVALS.items():
        found: dict[str, list[bool]] = {step: [] for step in steps}
        for step, audio in made:
            found[step].append(bool(engines.watermark().detect(remove(audio))))
        print("|", " | ".join([name, *(f"{sum(each)} of {len(each)}" for each in found.values())]), "|", flush=True)


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "velluto.settings")
    django.setup()
    main()
