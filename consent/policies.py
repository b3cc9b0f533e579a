"""What a recording must be to pass the gate. Pure rules: measured values in, findings with sentences out.

The thresholds' measured error rates stand in docs/benchmarks/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

SAMPLE_SECONDS = {"instant": (30.0, 120.0), "premium": (120.0, 300.0)}  # by tier; requirement A6
SAMPLE_TOLERANCE = 5.0  # a recorder that stops a moment late is no reason to refuse two good minutes
CAPTCHA_TOLERANCE = 0.3  # containers round a recording's length up
TRIES = 3  # then a person looks (D8)
PHRASES_PER_HOUR = 12  # a phrase may be asked for again, but not fished for
INVITATION_LASTS = timedelta(days=14)
INVITATIONS_PER_DAY = 10  # from one account: an invitation is a mail to somebody who did not ask for one


@dataclass(frozen=True, slots=True)
class Scope:
    """What a Voice Owner grants, or is asked for: no languages means all, no date until it is withdrawn."""

    commercial: bool
    sharing: bool
    languages: frozenset[str]
    until: date | None


def outside_scope(scope: Scope, *, purpose: str, language: str, on: date) -> str:
    """Return what a use oversteps ("commercial", "language" or "until"), or nothing where the scope covers it."""
    if purpose != "own" and not (purpose == "commercial" and scope.commercial):
        return "commercial"
    if scope.languages and not {language, language.partition("-")[0]} & scope.languages:
        return "language"
    if scope.until and on > scope.until:
        return "until"
    return ""


def within_scope(scope: Scope, *, purpose: str, language: str, on: date) -> bool:
    """A use is within the scope where purpose, language and day all are."""
    return not outside_scope(scope, purpose=purpose, language=language, on=on)


def no_more_than(granted: Scope, asked: Scope) -> bool:
    """A Voice Owner may grant less than was asked for, never more: nobody asked for it, and nobody explained it."""
    return (
        granted.commercial <= asked.commercial
        and granted.sharing <= asked.sharing
        and (not asked.languages or (bool(granted.languages) and granted.languages <= asked.languages))
        and (asked.until is None or (granted.until is not None and granted.until <= asked.until))
    )


def same_name(one: str, other: str) -> bool:
    """Two spellings are one name where only case and blanks differ."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


@dataclass(frozen=True, slots=True)
class Measured:
    """A number, in `unit`, and the engine that measured it."""

    value: float
    engine: str
    version: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's verdict, with everything a person and an auditor need of it."""

    code: str
    label: str
    value: float
    threshold: float
    unit: str
    passed: bool
    sentence: str
    engine: str
    version: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A check: the least (or most) that passes, and what is said either way."""

    code: str
    label: str
    threshold: float
    unit: str
    good: str
    bad: str
    at_most: bool = False

    def judge(self, measured: Measured) -> Finding:
        """Return the finding; both sentences may use {value} and {threshold}."""
        value = round(measured.value, 4)
        passed = value <= self.threshold if self.at_most else value >= self.threshold
        sentence = (self.good if passed else self.bad).format(value=_plain(value), threshold=_plain(self.threshold))
        return Finding(
            self.code, self.label, value, self.threshold, self.unit, passed, sentence, measured.engine, measured.version
        )


def _plain(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.2f}"


SNR = Rule(
    "noise",
    "Signal to noise",
    10.0,
    "dB",
    "Your voice stands out clearly from the background ({value} dB).",
    "There is too much noise behind your voice ({value} dB; {threshold} dB are needed). Find a quieter room, and come "
    "closer to the microphone.",
)
CLIPPING = Rule(
    "clipping",
    "Clipped samples",
    0.01,
    "share",
    "The recording is not overdriven.",
    "The recording is overdriven. Turn the microphone down, or move back a little, and record again.",
    at_most=True,
)
OWN_MARK = Rule(
    "own_mark",
    "Velluto's own watermark",
    0.0,
    "marks",
    "This is not sound that Velluto made.",
    "This recording carries Velluto's watermark: it was made by a synthetic voice. Record your own voice.",
    at_most=True,
)
SAMPLE_SPEECH = Rule(
    "speech_seconds",
    "Seconds of speech",
    20.0,
    "s",
    "There are {value} seconds of speech in it.",
    "There are only {value} seconds of speech in it; {threshold} are needed. Read on without long pauses.",
)
PREMIUM_SPEECH = replace(SAMPLE_SPEECH, threshold=80.0)  # the same share of the least that is taken
ONE_SPEAKER = Rule(
    "one_speaker",
    "One speaker throughout",
    0.80,
    "cosine",
    "One person speaks throughout.",
    "It sounds as if more than one person speaks. Record again, alone and without music or television.",
)
CAPTCHA_SPEECH = Rule(
    "speech_seconds",
    "Seconds of speech",
    1.0,
    "s",
    "There is enough speech to compare.",
    "We hardly heard any speech ({value} s). Check the microphone and speak up.",
)
CAPTCHA_WORDS = Rule(
    "captcha_words",
    "Words of the phrase",
    4.0,
    "of 5 words",
    "The words were the ones we asked for.",
    "We did not hear the words of the phrase ({value} of 5). Read them calmly, in their order, with a short pause "
    "between them.",
)
STATEMENT_SPEECH = Rule(
    "speech_seconds",
    "Seconds of speech",
    4.0,
    "s",
    "There is enough speech to compare.",
    "There are only {value} seconds of speech in it. Read the whole sentence.",
)
STATEMENT_WORDS = Rule(
    "statement_words",
    "Words of the statement",
    0.7,
    "share",
    "The sentence was read as it stands.",
    "We did not hear the sentence as it stands. Read it word for word.",
)
STATEMENT_NAME = Rule(
    "statement_name",
    "The name",
    1.0,
    "right",
    "The name is right.",
    "We did not hear the name that stands in the sentence. Read it clearly.",
)
STATEMENT_DATE = Rule(
    "statement_date",
    "The date",
    1.0,
    "right",
    "The date is right.",
    "We did not hear the date that stands in the sentence. Read day, month and year.",
)
SAME_SPEAKER = Rule(
    "speaker",
    "Same speaker as in the sample",
    0.75,
    "cosine",
    "It is the voice of your sample.",
    "This does not sound like the voice in your sample. The same person must speak, best with the same microphone.",
)


REPEATED = Rule(
    "repeated",
    "Sameness with an earlier recording",
    0.70,
    "share",
    "This recording was made for this.",
    "This recording was handed in before, whole or in part. Read it aloud anew: each recording counts once.",
    at_most=True,
)
REPEAT_VOICES = 20  # voices that sound like it, with whose recordings it is compared
REPEAT_ALIKE = 0.6  # cosine of a phrase with the sample of the same person: no phrase of theirs lies below


SOUND = ("speech_seconds", "noise", "clipping", "own_mark")
REQUIRED = {
    "sample": {*SOUND, "one_speaker"},
    "captcha": {*SOUND, "captcha_words", "speaker", "repeated"},
    "statement": {*SOUND, "statement_words", "statement_name", "statement_date", "speaker", "repeated"},
}


def passed(step: str, findings: Sequence[Finding]) -> bool:
    """A step is passed where every check it requires was made and passed; a check that is missing is not passed."""
    return {finding.code for finding in findings if finding.passed} >= REQUIRED[step]


def captcha_in_time(shown_at: datetime, arrived_at: datetime, *, limit: timedelta) -> bool:
    """An answer's last byte arrives at most `limit` after the phrase was shown, by the server's clock."""
    return shown_at <= arrived_at <= shown_at + limit


def statement_date_acceptable(on: date, today: date) -> bool:
    """The date read aloud is today's, or yesterday's where the page was opened before midnight."""
    return today - timedelta(days=1) <= on <= today


def retain_until(given_on: date) -> date:
    """Consent evidence is kept for at least three years (policy 4.1e): to the day (1 March after a 29 February)."""
    try:
        return given_on.replace(year=given_on.year + 3)
    except ValueError:
        return date(given_on.year + 3, 3, 1)


def another_try(failures: int) -> bool:
    return failures < TRIES
