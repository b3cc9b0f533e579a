"""Engines: does each one answer? Loading them loads the speech library and the models' weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings

from velluto import engines
from velluto.doctor.findings import Finding, fail, ok
from velluto.engines.made_up import MadeUpSpeaker

WEIGHTS = "Run make install: its weights come with the packages."
MENDS = {
    "speech": "Run make install: the speech library comes with the package espeakng-loader.",
    "provenance": "See docs/provenance.md.",
}


def answer() -> Iterator[Finding]:
    """Ask each engine something small."""
    try:
        sound = MadeUpSpeaker("en-us+f2").read("one two three")
    except Exception as error:
        yield fail("speech", f"The speech library eSpeak NG does not speak ({type(error).__name__}).", MENDS["speech"])
        return
    questions: dict[str, Callable[[], object]] = {
        "speaker": lambda: engines.speaker().embed(sound),
        "activity": lambda: engines.activity().speech(sound),
        "transcriber": lambda: engines.transcriber(),
        "speech": lambda: engines.speech().languages["en"],
        "watermark": lambda: engines.watermark().detect(sound),
        "provenance": lambda: engines.provenance().carries("wav"),
    }
    for name in settings.ENGINES:
        try:
            questions[name]()
        except Exception as error:
            sentence = (
                f"The engine “{name}” ({settings.ENGINES[name]['BACKEND']}) does not answer ({type(error).__name__})."
            )
            yield fail(
                f"engine_{name}", sentence, MENDS.get(name, "Run make install: its weights come with the packages.")
            )
        else:
            yield ok(f"engine_{name}", f"The engine “{name}” answers.")


EXAMINATIONS = (answer,)
