"""Measure whether somebody who asks to be listed is there: the same checks as at the gate. Runs in a worker."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

from consent import measuring, phrases, policies
from consent.models import Attempt
from consent.policies import Finding, Measured
from consent.repeats import none_before
from moderation.services.nogo_voices import voiceprints_of
from takedowns.listing import services
from takedowns.models import ListingRequest
from velluto import engines
from velluto.audio.signal import Audio
from velluto.engines.base import Embedding, TooLittleSpeech


def measure(
    request: ListingRequest, *, tell: Callable[[int, int, str], None]
) -> tuple[dict[str, list[Finding]], tuple[Embedding, ...]]:
    """Return what was found about the sample and the phrase, and the voiceprints where there is speech enough."""
    sample, phrase = services.recordings(request)

    def words(audio: Audio) -> Iterator[Finding]:
        transcriber = engines.transcriber()
        reading = transcriber.read(audio, phrases.captcha_slots(request.words, secrets.SystemRandom()))
        hits = Measured(phrases.captcha_hits(reading), reading.engine, reading.version)
        yield policies.CAPTCHA_WORDS.judge(hits)

    def enrolled() -> Embedding:
        if first.voiceprint is None:
            raise TooLittleSpeech()
        return first.voiceprint

    options = {"words": words, "enrolled": enrolled, "earlier": none_before, "tell": tell}
    first = measuring.check(Attempt.Step.SAMPLE, sample, **options)  # type: ignore[arg-type]
    second = measuring.check(Attempt.Step.CAPTCHA, phrase, **options)  # type: ignore[arg-type]
    voiceprints = voiceprints_of(sample) if first.voiceprint else ()
    return {"sample": first.findings, "captcha": second.findings}, voiceprints
