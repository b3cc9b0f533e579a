"""What an engine can do: one Protocol per capability, frozen results that say who measured.

Engines measure; they never decide. No threshold of the product lives here: an adapter returns numbers, and the policies
of the apps judge them. Heavy packages are imported inside the adapters' methods or modules, never here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from velluto.audio.signal import Audio


class EngineError(Exception):
    """An engine could not do what was asked; `code` is stable, the message is for people."""

    code = "engine_failed"


class TooLittleSpeech(EngineError):
    """The sound holds too little speech for this engine."""

    code = "too_little_speech"


class UnsupportedLanguage(EngineError):
    """The engine does not speak or hear this language."""

    code = "unsupported_language"


class ForeignArtefact(EngineError):
    """An artefact or voiceprint of another engine or version was handed in."""

    code = "foreign_artefact"


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """A voiceprint: float32 of shape (d,), unit length. Comparable only within one engine and version."""

    vector: NDArray[np.float32]
    engine: str
    version: str

    def similarity(self, other: Embedding) -> float:
        """Return the cosine of the two voiceprints, -1..1; raise ForeignArtefact across engines or versions."""
        if (self.engine, self.version) != (other.engine, other.version):
            raise ForeignArtefact("These voiceprints come from different engines and cannot be compared.")
        return float(np.dot(self.vector, other.vector))


class SpeakerEncoder(Protocol):
    name: str
    version: str

    def embed(self, audio: Audio) -> Embedding:
        """Return the voiceprint of the speech in `audio`; raise TooLittleSpeech."""
        ...


@dataclass(frozen=True, slots=True)
class SpeechSpan:
    """A stretch of speech, in seconds from the start."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class SpeechActivity:
    spans: tuple[SpeechSpan, ...]
    engine: str
    version: str

    @property
    def seconds(self) -> float:
        return sum(span.end - span.start for span in self.spans)


class VoiceActivityDetector(Protocol):
    name: str
    version: str

    def speech(self, audio: Audio) -> SpeechActivity:
        """Return where somebody speaks."""
        ...


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a phrase: what is expected there among what it could be mistaken for.

    All are lower case, of one word or several ("twenty first"). `readings` are other forms that count as the expected
    one ("twenty one"). An optional slot may be left out by the speaker. Neighbours that name a route lie on it: of the
    routes side by side ("day first", "month first") the speaker takes one. In slots passed by, nothing is heard.
    """

    expected: str
    distractors: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    optional: bool = False
    route: str = ""

    @property
    def right(self) -> tuple[str, ...]:
        """Return every form that counts as the expected one."""
        return (self.expected, *self.readings)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was heard in each slot (None: nothing that fits) and by whom it was measured."""

    heard: tuple[str | None, ...]
    right: tuple[bool, ...]
    engine: str
    version: str

    @property
    def share(self) -> float:
        """Share of slots heard right, 0..1."""
        return sum(self.right) / len(self.right) if self.right else 0.0


class Transcriber(Protocol):
    name: str
    version: str

    def read(self, audio: Audio, slots: Sequence[Slot]) -> Reading:
        """Say for each slot which of its words was read aloud, in order."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class VoiceArtefact:
    """What the speech engine needs to speak as somebody: opaque bytes, biometric data, kept as a recording is."""

    data: bytes
    engine: str
    version: str


class SpeechEngine(Protocol):
    name: str
    version: str
    rate: int  # Hz of what `speak` returns
    languages: dict[str, str]  # BCP 47 code -> English name

    def enrol(self, samples: Sequence[Audio]) -> VoiceArtefact:
        """Make a voice from recordings of one speaker (30 s or more in all); raise TooLittleSpeech."""
        ...

    def speak(self, voice: VoiceArtefact, text: str, *, language: str = "en", pace: float = 1.0) -> Audio:
        """Say `text` (a sentence or two) as `voice`; pace 0.5..2.0, 1.0 is the speaker's own.

        Raises ForeignArtefact for an artefact of another engine, UnsupportedLanguage for a language not in `languages`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """A watermark found: `payload` (0 .. 2**48-1), where (seconds), and how sure: `confidence` 0..1."""

    payload: int
    start: float
    end: float
    confidence: float
    engine: str
    version: str


class Watermark(Protocol):
    name: str
    version: str
    payload_bits: int
    shortest: float  # seconds of sound that a recoverable mark needs

    def embed(self, audio: Audio, payload: int) -> Audio:
        """Return `audio` carrying `payload` throughout: same length, same rate."""
        ...

    def detect(self, audio: Audio) -> tuple[Mark, ...]:
        """Return the marks found, most certain first; empty where none is."""
        ...


@dataclass(frozen=True, slots=True)
class ProvenanceReport:
    """What the provenance manifest in a file says and whether to believe it.

    `valid` means: the file is unaltered since it was signed, and signed with a certificate that this house trusts.
    Only then are the other values more than a claim. `problem` names what is wrong: altered, expired (the
    certificate), untrusted_signer, elsewhere (on another machine, and not fetched) or unreadable.
    """

    valid: bool
    record_id: str | None = None
    engine: str | None = None
    signed_at: datetime | None = None
    issuer: str | None = None
    problem: str | None = None


class Provenance(Protocol):
    name: str
    version: str

    def carries(self, fmt: str) -> bool:
        """Say whether files of this format (a key of velluto.audio.export.FORMATS) can carry a manifest."""
        ...

    def sign(self, content: bytes, fmt: str, *, record_id: str, engine: str, created_at: datetime) -> bytes:
        """Return `content` with a signed manifest inside that says: made by `engine`, then, as record `record_id`.

        Raises EngineError, also for a format that carries none.
        """
        ...

    def read(self, content: bytes, fmt: str) -> ProvenanceReport | None:
        """Return what the manifest in an untrusted file says, None where there is none or the format carries none."""
        ...


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a script: from the character `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Screening:
    """How likely a script is what each category names (0..1), and which passages speak most for the likeliest.

    `disguised` counts words written so as not to be found: look-alike letters, figures for letters, letters set apart.
    """

    scores: Mapping[str, float]
    passages: tuple[Passage, ...]
    disguised: int
    engine: str
    version: str


class ScriptScreener(Protocol):
    name: str
    version: str

    def screen(self, text: str) -> Screening:
        """Say what the script looks like; raise EngineError where that cannot be said."""
        ...
