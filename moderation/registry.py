"""What may be decided about what: each app registers its subjects and choices in its `decisions.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moderation.models import Case, Decision


@dataclass(frozen=True)
class Choice:
    """One thing a moderator may decide: what it is called, what it rests on, and what it does.

    `apply` runs inside the transaction of the decision; where it refuses, nothing is decided.
    """

    code: str
    label: str
    explanation: str
    sections: tuple[str, ...]
    apply: Callable[[Case, Decision], None]
    permission: str = "moderation.decide_case"


@dataclass(frozen=True)
class Question:
    """A kind of case: its choices, and the page on which a moderator sees what he needs to decide."""

    kind: str
    label: str
    template: str
    dossier: Callable[[Case], dict[str, Any]]
    choices: tuple[Choice, ...]
    mail_template: str

    def choice(self, code: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.code == code), None)


_questions: dict[str, Question] = {}


def register(question: Question) -> None:
    if question.kind in _questions:
        raise ValueError(f"the kind of case {question.kind!r} is registered twice")
    _questions[question.kind] = question


def question(kind: str) -> Question:
    return _questions[kind]
