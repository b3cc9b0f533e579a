"""What may be decided about what: each app registers its subjects and choices in its `decisions.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import User
    from moderation.models import Appeal, Case, Decision


@dataclass(frozen=True)
class Choice:
    """One thing a moderator may decide: what it is called, what it rests on, and what it does.

    `apply` and `undo` run inside the transaction of the decision; where they refuse, nothing is decided. `undo` is what
    an appeal that succeeds does, and `undoing` says it. A `grave` choice needs a second person. `effects` lists, in
    sentences, exactly what will happen. `restriction` holds the fields of the EU's database that say what was
    restricted; without any, nothing was, and the person is told the outcome all the same. Of a `silent` choice nobody
    is told: a warning would help the person to get away. `suits` leaves a choice out where it has no sense, and
    `require` raises a refusal where it may not be made, or proposed, yet.
    """

    code: str
    label: str
    explanation: str
    sections: tuple[str, ...]
    apply: Callable[[Case, Decision], None]
    permission: str = "moderation.decide_case"
    grave: bool = False
    undo: Callable[[Case, Decision], None] | None = None
    undoing: str = ""
    effects: Callable[[Case], tuple[str, ...]] | None = None
    restriction: Mapping[str, Any] = field(default_factory=dict)
    silent: bool = False
    suits: Callable[[Case], bool] = lambda case: True
    require: Callable[[Case], None] = lambda case: None

    def will_do(self, case: Case) -> tuple[str, ...]:
        return self.effects(case) if self.effects else (self.explanation,)


@dataclass(frozen=True)
class Question:
    """A kind of case: its choices, and the page on which a moderator sees what he needs to decide.

    `content_type` is what is decided about, in the words of the EU's database. `sensitive` asks for blurred text and
    muted sound until the moderator wants to see and hear it. `lock` locks what the choices move besides the subject: it
    runs first, for whatever is locked after the audit's chain may wait for somebody who waits for the chain. `reported`
    are questions that somebody from outside asked, and `detected` those that a machine asked: the statement of reasons
    says so. `answered` hears of the answer to an appeal: it tells whoever has no account.
    """

    kind: str
    label: str
    template: str
    dossier: Callable[[Case], dict[str, Any]]
    choices: tuple[Choice, ...]
    mail_template: str
    content_type: str = "CONTENT_TYPE_AUDIO"
    sensitive: bool = False
    lock: Callable[[Case], None] | None = None
    reported: bool = False
    detected: bool = True
    answered: Callable[[Appeal], None] | None = None

    def choice(self, code: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.code == code), None)

    def open_to(self, user: User) -> bool:
        return any(self.choices_for(user))

    def choices_for(self, user: User) -> tuple[Choice, ...]:
        return tuple(choice for choice in self.choices if user.has_perm(choice.permission))


_questions: dict[str, Question] = {}


def register(question: Question) -> None:
    if question.kind in _questions:
        raise ValueError(f"the kind of case {question.kind!r} is registered twice")
    _questions[question.kind] = question


def question(kind: str) -> Question:
    return _questions[kind]


def questions() -> tuple[Question, ...]:
    return tuple(_questions.values())


def is_known(kind: str) -> bool:
    return kind in _questions


def label(kind: str) -> str:
    """Return what a kind of case is called; a kind that is gone is called as it was stored."""
    return _questions[kind].label if kind in _questions else kind


def choice_label(kind: str, code: str) -> str:
    """Return what a choice is called; one that is gone is called as it was stored."""
    choice = _questions[kind].choice(code) if kind in _questions else None
    return choice.label if choice else code
