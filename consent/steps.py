"""The steps of the Consent Gate, in their order. A step is added here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from consent.models import Attempt, ConsentRecord, OwnerConsent
from voices.models import Voice


def third_party(voice: Voice) -> bool:
    return voice.whose == Voice.Whose.THIRD_PARTY


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its key, what people read, the page's URL name, and whether a voice has passed it.

    A step that is `owners` is taken by the Voice Owner in person: for somebody else's voice, through a link (D5).
    """

    key: str
    title: str
    url_name: str
    done: Callable[[Voice], bool]
    owners: bool = False
    only_third_party: bool = False


def _attempt_passed(step: str) -> Callable[[Voice], bool]:
    return lambda voice: voice.attempts.filter(step=step, status=Attempt.Status.PASSED).exists()


STEPS: tuple[Step, ...] = (
    Step(
        "permission",
        "Permission",
        "consent:invitation",
        lambda voice: OwnerConsent.objects.filter(invitation__voice=voice).exists(),
        owners=True,
        only_third_party=True,
    ),
    Step("sample", "The recording", "consent:sample", _attempt_passed(Attempt.Step.SAMPLE)),
    Step(
        "representations",
        "Your word",
        "consent:representations",
        lambda voice: ConsentRecord.objects.filter(voice=voice).exclude(status=ConsentRecord.Status.WITHDRAWN).exists(),
    ),
    Step("captcha", "A phrase, live", "consent:captcha", _attempt_passed(Attempt.Step.CAPTCHA), owners=True),
    Step("statement", "The statement", "consent:statement", _attempt_passed(Attempt.Step.STATEMENT), owners=True),
)


def of(voice: Voice) -> tuple[Step, ...]:
    """Return the steps that this voice has to pass."""
    return tuple(step for step in STEPS if third_party(voice) or not step.only_third_party)


def missing(voice: Voice) -> list[Step]:
    """Return the steps that are not done, in their order."""
    return [step for step in of(voice) if not step.done(voice)]


def next_step(voice: Voice) -> Step | None:
    """Return the first step that is not done, or None where the gate is passed."""
    return next((step for step in of(voice) if not step.done(voice)), None)


def through_link(voice: Voice, step: Step) -> bool:
    """The Voice Owner takes this step through a link, and the account waits."""
    return step.owners and third_party(voice)


def trail(voice: Voice, current: str) -> list[dict[str, str]]:
    """Return what the page shows of where one is: title and state (done, current, next) of each step."""
    rows = [{"title": "Whose voice", "state": "current" if current == "declare" else "done"}]
    for step in of(voice):
        state = "current" if step.key == current else "done" if step.done(voice) else "next"
        rows.append({"title": step.title, "state": state})
    rows.append({"title": "A person decides", "state": "current" if current == "review" else "next"})
    return rows


def owners_trail(voice: Voice, current: str) -> list[dict[str, str]]:
    """Return the same as a Voice Owner sees it who came by a link: without what the account does alone."""
    others = {"Whose voice", "Your word"}
    return [row for row in trail(voice, current) if row["title"] not in others]
