"""The steps of the Consent Gate, in their order. A step is added here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from consent.models import Attempt, ConsentRecord
from voices.models import Voice


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its key, what people read, the page's URL name, and whether a voice has passed it."""

    key: str
    title: str
    url_name: str
    done: Callable[[Voice], bool]


def _attempt_passed(step: str) -> Callable[[Voice], bool]:
    return lambda voice: voice.attempts.filter(step=step, status=Attempt.Status.PASSED).exists()


STEPS: tuple[Step, ...] = (
    Step("sample", "Your recording", "consent:sample", _attempt_passed(Attempt.Step.SAMPLE)),
    Step(
        "representations",
        "Your word",
        "consent:representations",
        lambda voice: ConsentRecord.objects.filter(voice=voice).exclude(status=ConsentRecord.Status.WITHDRAWN).exists(),
    ),
    Step("captcha", "A phrase, live", "consent:captcha", _attempt_passed(Attempt.Step.CAPTCHA)),
    Step("statement", "The statement", "consent:statement", _attempt_passed(Attempt.Step.STATEMENT)),
)


def next_step(voice: Voice) -> Step | None:
    """Return the first step that is not done, or None where the gate is passed."""
    return next((step for step in STEPS if not step.done(voice)), None)


def trail(voice: Voice, current: str) -> list[dict[str, str]]:
    """Return what the page shows of where one is: title and state (done, current, next) of each step."""
    rows = [{"title": "Whose voice", "state": "current" if current == "declare" else "done"}]
    for step in STEPS:
        state = "current" if step.key == current else "done" if step.done(voice) else "next"
        rows.append({"title": step.title, "state": state})
    rows.append({"title": "A person decides", "state": "current" if current == "review" else "next"})
    return rows
