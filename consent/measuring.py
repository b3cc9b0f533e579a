"""Measure a recording handed in at the gate: engines measure here, the policies judge. Runs in a worker."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from uuid import UUID

from consent import phrases, policies, repeats
from consent.models import Attempt, Challenge
from consent.policies import Finding, Measured
from consent.repeats import Repeat
from velluto import engines
from velluto.audio import measures
from velluto.audio.fingerprint import Fingerprint, fingerprint
from velluto.audio.signal import Audio
from velluto.engines.base import Embedding, SpeechActivity, TooLittleSpeech
from velluto.engines.one_speaker import least_similarity
from voices import services as voices
from voices.models import Voice

OURS = ("velluto", "1")  # engine and version of what we compute ourselves

STEPS_OF = {
    Attempt.Step.SAMPLE: ("sound", "mark", "one speaker", "voiceprint"),
    Attempt.Step.CAPTCHA: ("sound", "mark", "words", "speaker", "earlier recordings"),
    Attempt.Step.STATEMENT: ("sound", "mark", "words", "speaker", "earlier recordings"),
}


class Measurement:
    """The findings about one recording, what it is known again by, and its voiceprint where there is speech enough."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.voiceprint: Embedding | None = None
        self.fingerprint: Fingerprint | None = None
        self.repeats: UUID | None = None  # the earlier recording that this one is


def measure(attempt: Attempt, *, tell: Callable[[int, int, str], None]) -> Measurement:
    """Run every check of the attempt's step; `tell` hears of each stage as it begins."""
    return check(
        Attempt.Step(attempt.step),
        voices.load_audio(attempt.recording),
        premium=attempt.voice.tier == Voice.Tier.PREMIUM,
        words=partial(_words, attempt),
        enrolled=partial(_enrolled, attempt),
        earlier=partial(repeats.closest, attempt),
        tell=tell,
    )


def check(
    step: Attempt.Step,
    audio: Audio,
    *,
    premium: bool = False,
    words: Callable[[Audio], Iterable[Finding]],
    enrolled: Callable[[], Embedding],
    earlier: Callable[[Fingerprint, Embedding], Repeat],
    tell: Callable[[int, int, str], None],
) -> Measurement:
    """Run every check of `step` on `audio`; only later steps ask for words, enrolment and what came before."""
    result = Measurement()
    stages = STEPS_OF[step]

    def stage(index: int) -> None:
        tell(index, len(stages), f"Checking the {stages[index]}")

    stage(0)
    activity = engines.activity().speech(audio)
    result.findings += _sound(step, audio, activity, premium=premium)
    result.fingerprint = fingerprint(audio)
    stage(1)
    result.findings.append(_own_mark(audio))
    try:
        result.voiceprint = engines.speaker().embed(audio)
        stage(2)
        if step == Attempt.Step.SAMPLE:
            result.findings.append(_one_speaker(audio, activity))
        else:
            result.findings += words(audio)
            stage(3)
            result.findings.append(_same_speaker(result.voiceprint, enrolled()))
            stage(4)
            result.findings.append(_repeated(result, earlier(result.fingerprint, result.voiceprint)))
    except TooLittleSpeech:
        pass  # nothing to compare: the checks that are missing now count as not passed
    return result


def _sound(step: Attempt.Step, audio: Audio, activity: SpeechActivity, *, premium: bool) -> Iterator[Finding]:
    least = {
        Attempt.Step.SAMPLE: policies.PREMIUM_SPEECH if premium else policies.SAMPLE_SPEECH,
        Attempt.Step.CAPTCHA: policies.CAPTCHA_SPEECH,
        Attempt.Step.STATEMENT: policies.STATEMENT_SPEECH,
    }[step]
    yield least.judge(Measured(activity.seconds, activity.engine, activity.version))
    if activity.spans:  # where nobody speaks, nothing stands out from anything
        yield policies.SNR.judge(Measured(measures.signal_to_noise(audio, activity.spans), *OURS))
    yield policies.CLIPPING.judge(Measured(measures.clipped_share(audio), *OURS))


def _own_mark(audio: Audio) -> Finding:
    detector = engines.watermark()
    return policies.OWN_MARK.judge(Measured(len(detector.detect(audio)), detector.name, detector.version))


def _one_speaker(audio: Audio, activity: SpeechActivity) -> Finding:
    encoder = engines.speaker()
    value = least_similarity(audio, activity.spans, encoder)
    return policies.ONE_SPEAKER.judge(Measured(value, encoder.name, encoder.version))


def _repeated(result: Measurement, repeat: Repeat) -> Finding:
    finding = policies.REPEATED.judge(Measured(repeat.sameness, *OURS))
    result.repeats = None if finding.passed else repeat.recording
    return finding


def _words(attempt: Attempt, audio: Audio) -> Iterator[Finding]:
    random = secrets.SystemRandom()
    transcriber = engines.transcriber()
    if attempt.step == Attempt.Step.CAPTCHA:
        words = Challenge.objects.get(attempt=attempt).words
        reading = transcriber.read(audio, phrases.captcha_slots(words, random))
        yield policies.CAPTCHA_WORDS.judge(Measured(phrases.captcha_hits(reading), reading.engine, reading.version))
        return
    statement = attempt.statement
    slots = phrases.statement_slots(statement.name, statement.on, random)
    reading = transcriber.read(audio, slots)
    found = phrases.statement_findings(reading)
    for rule, value in (
        (policies.STATEMENT_WORDS, found.words_share),
        (policies.STATEMENT_NAME, float(found.name_right)),
        (policies.STATEMENT_DATE, float(found.date_right)),
    ):
        yield rule.judge(Measured(value, reading.engine, reading.version))


def _enrolled(attempt: Attempt) -> Embedding:
    sample = Attempt.objects.get(voice=attempt.voice, step=Attempt.Step.SAMPLE, status=Attempt.Status.PASSED)
    return voices.load_voiceprint(sample.recording.voiceprint)


def _same_speaker(voiceprint: Embedding, enrolled: Embedding) -> Finding:
    value = voiceprint.similarity(enrolled)
    return policies.SAME_SPEAKER.judge(Measured(value, voiceprint.engine, voiceprint.version))
