"""Who may never be cloned (policy, sections 2 and 3). Pure rules: what was declared and a day in, a verdict out.

Office and candidacy bind everybody, the person themself too, whatever was authorised. A deceased person or a public
figure may be cloned with an authorisation that a person verified, and two moderators approved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

RECENT_YEARS = 5  # since leaving office, or losing
CLOSE_LOOK = 3  # refused declarations within a month, and somebody looks at the account
CLOSE_LOOK_DAYS = 30
PURPOSE_DOUBTFUL = (
    0.55  # how likely the screener must find a forbidden use for the moderator to be told; it refuses none
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What an account declares of the person whose voice it is.

    `office`: "never", "now" (in office, elected, or standing for election), or "ended" on `office_until`: the day they
    left office, or lost or gave up the election.
    """

    alive: bool
    adult: bool
    office: str
    office_until: date | None
    public_figure: bool
    forbidden_use: bool
    purpose: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the policy: its section, what it is called for people, and the refusal that says it."""

    code: str
    section: str
    label: str


MINOR = Rule("minor", "3(b)", "Somebody under 18")
OFFICE = Rule("office", "3(d)", "Political or judicial office, or a candidacy, now or within five years")
FORBIDDEN_USE = Rule("forbidden_use", "3(g)", "A use that is forbidden")
DECIDED = Rule("decided", "3", "Refused by a moderator under section 3")
RULES = {rule.code: rule for rule in (MINOR, OFFICE, FORBIDDEN_USE, DECIDED)}

DECEASED = Rule("deceased", "3(c)", "A deceased person")
PUBLIC_FIGURE = Rule("public_figure", "3(e)", "A generally recognisable voice")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a declaration: the rules that forbid it, or the rule and the document that it needs."""

    broken: tuple[Rule, ...] = ()
    needs: str = ""  # a kind of document, verified; two moderators decide then
    because: Rule | None = None

    @property
    def allowed(self) -> bool:
        return not self.broken


def judge(answers: Answers, *, on: date) -> Verdict:
    """Say what follows from a declaration on a day."""
    broken = [
        rule
        for rule, applies in (
            (MINOR, not answers.adult),
            (OFFICE, in_office_lately(answers.office, answers.office_until, on=on)),
            (FORBIDDEN_USE, answers.forbidden_use),
        )
        if applies
    ]
    if broken:
        return Verdict(tuple(broken))
    if not answers.alive:  # the estate speaks for a public figure who has died, too
        return Verdict(needs="estate", because=DECEASED)
    if answers.public_figure:
        return Verdict(needs="public_figure", because=PUBLIC_FIGURE)
    return Verdict()


def in_office_lately(office: str, until: date | None, *, on: date) -> bool:
    """Tell whether somebody is in office or a candidate, or was within the last five years, to the day.

    The day on which the five years are full is still within them. An end that nobody dated counts as recent.
    """
    if office == "never":
        return False
    if office == "now" or until is None:
        return True
    return on <= years_after(until, RECENT_YEARS)


def years_after(day: date, years: int) -> date:
    """Return the same day some years on; for a 29 February, 1 March where that year has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def contradictory(answers: Answers, *, is_self: bool, on: date) -> bool:
    """Tell whether answers cannot be true together: nobody who has died declares their own voice, nor a day to come."""
    ends_later = answers.office == "ended" and (answers.office_until is None or answers.office_until > on)
    return (is_self and not (answers.alive and answers.adult)) or ends_later


def one_voice_only(*, premium: bool, is_self: bool) -> bool:
    """Premium takes the account holder's own voice only, even where somebody else consents (policy 2)."""
    return is_self or not premium


def needs_close_look(attempts: int) -> bool:
    """Somebody looks at an account that keeps declaring what is refused."""
    return attempts >= CLOSE_LOOK


def doubtful(scores: Sequence[tuple[str, float]]) -> str:
    """Return the category of forbidden use that a purpose reads most like, or nothing where none is likely."""
    if sum(score for _, score in scores) < PURPOSE_DOUBTFUL:
        return ""
    return max(scores, key=lambda pair: pair[1])[0]
