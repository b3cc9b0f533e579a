"""How well voiceprints tell speakers apart; docs/benchmarks/speaker.md says what each figure means."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velluto import engines
from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.benchmarks.corpus import Corpus
from velluto.engines.base import Embedding, SpeakerEncoder, SpeechSpan, TooLittleSpeech, VoiceActivityDetector
from velluto.engines.one_speaker import least_similarity

SHORTEST = 2.0  # seconds a recording must last to be a trial: no phrase is read in less
ENROLMENT = 25.0  # seconds of recordings that make an enrolment
FALSE_ACCEPTS = 0.001  # the share of impostors that the recommended threshold lets through
JOINED = {"half": (12.0, 12.0), "fifth": (32.0, 8.0)}  # seconds of either speaker in one sample
JOINED_TRIALS = 25  # of each kind, and as many of one speaker
BETWEEN = 0.3  # seconds of pause between recordings that are joined

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """One recording that was long enough, and its voiceprint."""

    speaker: str
    audio: Audio
    voiceprint: Embedding


def run(corpus: Corpus, *, tell: Callable[[str], None], limit: int = 0) -> dict[str, object]:
    """Measure equal error rates, a threshold, CPU time, and whether a second speaker in a sample is noticed."""
    encoder, activity = engines.speaker(), engines.activity()
    trials, cpu = _trials(corpus, encoder, limit)
    speakers = len({trial.speaker for trial in trials})
    tell(f"{len(trials)} recordings of {speakers} speakers")
    genuine, impostor = _between_recordings(trials)
    enrolled_genuine, enrolled_impostor = _against_enrolments(trials, encoder)
    eer_utterance, at_utterance = equal_error_rate(genuine, impostor)
    eer_enrolled, _ = equal_error_rate(enrolled_genuine, enrolled_impostor)
    threshold = float(np.quantile(enrolled_impostor, 1 - FALSE_ACCEPTS)) if len(enrolled_impostor) else None
    tell(f"equal error rates {eer_utterance} and {eer_enrolled}; now samples that two people speak")
    return {
        "engine": f"{encoder.name} {encoder.version}",
        "eer_utterance": eer_utterance,
        "eer_utterance_threshold": at_utterance,
        "eer_enrolled": eer_enrolled,
        "threshold": threshold,
        "far": float(np.mean(enrolled_impostor > threshold)) if threshold is not None else None,
        "frr": float(np.mean(enrolled_genuine <= threshold))
        if threshold is not None and len(enrolled_genuine)
        else None,
        "cpu_s_per_audio_s": cpu / sum(trial.audio.seconds for trial in trials) if trials else None,
        "one_speaker": _one_speaker(trials, encoder, activity, limit or JOINED_TRIALS),
        "trials": {
            "recordings": len(trials),
            "speakers": speakers,
            "genuine": len(genuine),
            "impostor": len(impostor),
            "enrolled_genuine": len(enrolled_genuine),
            "enrolled_impostor": len(enrolled_impostor),
        },
    }


def equal_error_rate(genuine: Values, impostor: Values) -> tuple[float | None, float | None]:
    """Return the rate at which false accepts equal false rejects, and the score where they do; None without trials."""
    if not len(genuine) or not len(impostor):
        return None, None
    scores = np.unique(np.concatenate([genuine, impostor]))
    rejected = np.searchsorted(np.sort(genuine), scores) / len(genuine)
    accepted = 1 - np.searchsorted(np.sort(impostor), scores) / len(impostor)
    nearest = int(np.argmin(np.abs(rejected - accepted)))
    return float(rejected[nearest] + accepted[nearest]) / 2, float(scores[nearest])


def _trials(corpus: Corpus, encoder: SpeakerEncoder, limit: int) -> tuple[list[Trial], float]:
    """Return the recordings with voiceprints, and the CPU seconds these took.

    A limit is dealt to speakers in turn, to those with several recordings first: only they can be recognised.
    """
    dealt = []
    for speaker, utterances in corpus.speakers().items():
        kept = [utterance for utterance in utterances if utterance.seconds >= SHORTEST]
        dealt += [(len(kept) < 2, turn, speaker, utterance) for turn, utterance in enumerate(kept)]
    dealt.sort(key=lambda entry: entry[:3])
    trials, cpu = [], 0.0
    for _, _, speaker, utterance in dealt[: limit or None]:
        audio = utterance.audio()
        started = time.process_time()
        try:
            voiceprint = encoder.embed(audio)
        except TooLittleSpeech:
            continue
        cpu += time.process_time() - started
        trials.append(Trial(speaker, audio, voiceprint))
    return trials, cpu


def _between_recordings(trials: list[Trial]) -> tuple[Values, Values]:
    """Return the similarities of each two recordings: of one speaker, and of two."""
    scores: tuple[list[float], list[float]] = ([], [])
    for place, one in enumerate(trials):
        for other in trials[:place]:
            scores[one.speaker != other.speaker].append(one.voiceprint.similarity(other.voiceprint))
    return np.array(scores[0]), np.array(scores[1])


def _against_enrolments(trials: list[Trial], encoder: SpeakerEncoder) -> tuple[Values, Values]:
    """Return the similarities of recordings to enrolments that they are no part of: of one speaker, and of two."""
    scores: tuple[list[float], list[float]] = ([], [])
    for speaker, enrolled in _enrolments(trials):
        voiceprint = encoder.embed(join([trial.audio for trial in enrolled]))
        for trial in trials:
            if all(trial is not used for used in enrolled):
                scores[trial.speaker != speaker].append(voiceprint.similarity(trial.voiceprint))
    return np.array(scores[0]), np.array(scores[1])


def _enrolments(trials: list[Trial]) -> Iterator[tuple[str, list[Trial]]]:
    """Deal each speaker's recordings out into enrolments of 25 s or a little more, none used twice."""
    for speaker in sorted({trial.speaker for trial in trials}):
        enrolled: list[Trial] = []
        for trial in (trial for trial in trials if trial.speaker == speaker):
            enrolled.append(trial)
            if sum(used.audio.seconds for used in enrolled) >= ENROLMENT:
                yield speaker, enrolled
                enrolled = []


def join(parts: list[Audio]) -> Audio:
    """Return recordings at 16 kHz one after the other with short pauses between."""
    pause = np.zeros(round(BETWEEN * SPEECH_RATE), np.float32)
    return Audio(np.concatenate([piece for part in parts for piece in (part.samples, pause)]), SPEECH_RATE)


def _one_speaker(
    trials: list[Trial], encoder: SpeakerEncoder, activity: VoiceActivityDetector, count: int
) -> dict[str, object]:
    """Return the scores of samples that one person speaks throughout, and of samples that two share."""
    chance = random.Random(1)
    by_speaker: dict[str, Audio] = {}
    for speaker in sorted({trial.speaker for trial in trials}):
        by_speaker[speaker] = join([trial.audio for trial in trials if trial.speaker == speaker])

    def score(*parts: Audio) -> float:
        sample = join(list(parts))
        spans: tuple[SpeechSpan, ...] = activity.speech(sample).spans
        return least_similarity(sample, spans, encoder)

    scores: dict[str, list[float]] = {"alone": []}
    for kind, (longer, shorter) in JOINED.items():
        scores[kind] = []
        first = [speaker for speaker, audio in by_speaker.items() if audio.seconds >= longer]
        alone = [speaker for speaker, audio in by_speaker.items() if audio.seconds >= longer + shorter]
        second = [speaker for speaker, audio in by_speaker.items() if audio.seconds >= shorter]
        for turn in range(count if len(second) > 1 else 0):
            if first:
                one = first[turn % len(first)]
                other = chance.choice([speaker for speaker in second if speaker != one])
                scores[kind].append(score(by_speaker[one].cut(0, longer), by_speaker[other].cut(0, shorter)))
            if alone:
                whole = by_speaker[alone[turn % len(alone)]]
                start = chance.uniform(0, whole.seconds - longer - shorter)
                scores["alone"].append(score(whole.cut(start, start + longer + shorter)))
    return {kind: _spread(values) for kind, values in scores.items()}


def _spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {"trials": 0}
    quantiles = {"lowest": 0.0, "p05": 0.05, "median": 0.5, "p95": 0.95, "highest": 1.0}
    return {"trials": len(values)} | {name: float(np.quantile(values, share)) for name, share in quantiles.items()}
