"""The steps of the Consent Gate, in their order. A step is added here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from consent.models import Attempt, ConsentRecord, Declaration, Document, OwnerConsent
from consent.never.services import verdict_of
from voices.models import Voice


def third_party(voice: Voice) -> bool:
    return voice.whose == Voice.Whose.THIRD_PARTY


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its key, what people read, the page's URL name, and whether a voice has passed it.

    A step that is `owners` is taken by the Voice Owner in person: for somebody else's voice, through a link (D5); one
    that is `either`'s by whoever comes first. `applies` says of which voices a step is asked.
    """

    key: str
    title: str
    url_name: str
    done: Callable[[Voice], bool]
    owners: bool = False
    either: bool = False
    applies: Callable[[Voice], bool] = lambda voice: True


def alive(voice: Voice) -> bool:
    """Tell whether somebody can answer for this voice in person; of a deceased one, the estate does in writing."""
    return not Declaration.objects.filter(voice=voice, alive=False).exists()


def needed_document(voice: Voice) -> str:
    """Return the kind of authorisation without which this voice is not made, or nothing."""
    verdict = verdict_of(voice)
    return verdict.needs if verdict else ""


def _authorisation_is_there(voice: Voice) -> bool:
    """Tell whether a document was handed in that nobody has refused: whether it is good, a person says at the end."""
    standing = voice.documents.filter(status__in=[Document.Status.RECEIVED, Document.Status.VERIFIED])
    return standing.filter(kind=needed_document(voice)).exists()


def _attempt_passed(step: str) -> Callable[[Voice], bool]:
    return lambda voice: voice.attempts.filter(step=step, status=Attempt.Status.PASSED).exists()


STEPS: tuple[Step, ...] = (
    Step(
        "permission",
        "Permission",
        "consent:invitation",
        lambda voice: OwnerConsent.objects.filter(invitation__voice=voice).exists(),
        owners=True,
        applies=lambda voice: third_party(voice) and alive(voice),
    ),
    Step(
        "authorisation",
        "Authorisation",
        "consent:authorisation",
        _authorisation_is_there,
        either=True,
        applies=lambda voice: bool(needed_document(voice)),
    ),
    Step("sample", "The recording", "consent:sample", _attempt_passed(Attempt.Step.SAMPLE), either=True),
    Step(
        "representations",
        "Your word",
        "consent:representations",
        lambda voice: ConsentRecord.objects.filter(voice=voice).exclude(status=ConsentRecord.Status.WITHDRAWN).exists(),
    ),
    Step(
        "captcha",
        "A phrase, live",
        "consent:captcha",
        _attempt_passed(Attempt.Step.CAPTCHA),
        owners=True,
        applies=alive,
    ),
    Step(
        "statement",
        "The statement",
        "consent:statement",
        _attempt_passed(Attempt.Step.STATEMENT),
        owners=True,
        applies=alive,
    ),
)

SOMETIMES = ("permission", "authorisation")  # asked of some voices only: who these are is known once they are declared


def of(voice: Voice) -> tuple[Step, ...]:
    """Return the steps that this voice has to pass."""
    return tuple(step for step in STEPS if step.applies(voice))


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
