"""The cases of a notice: one about each voice that it may mean, or one about itself where none was found."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from moderation import services as moderation
from moderation.models import Case
from takedowns.models import Claim, Deadline, Notice
from takedowns.notices import policies
from takedowns.notices.services import words

KIND = "takedowns.notice"  # about a claim
UNPLACED = "takedowns.unplaced"  # about a notice of which no voice was found


def cases_of(notice: Notice) -> list[Case]:
    """Return the cases about a notice and its voices that wait for a decision."""
    about = [notice, *notice.claims.all()]
    return [case for one in about for case in Case.objects.about(one).exclude(status=Case.Status.DECIDED)]


def lock(notice: Notice) -> Notice:
    """Lock a notice, its cases and its clocks before the first audit row, and return it anew.

    The voices come before it, its claims after it: in that order everybody waits, and nobody for each other.
    """
    kept = Notice.objects.select_for_update(no_key=True).get(pk=notice.pk)
    waiting = [case.pk for case in cases_of(kept)]
    list(Case.objects.filter(pk__in=waiting).order_by("pk").select_for_update(no_key=True, of=("self",)))
    list(Deadline.objects.of(kept).running().order_by("due_at").select_for_update(no_key=True))
    return kept


def redate(notice: Notice, *, actor: User | None, at: datetime) -> None:
    """Let what waits be due when the next clock of the notice ends."""
    for case in cases_of(notice):
        moderation.redate(case, due_at=words.next_due(notice, default=at), actor=actor, reason="acknowledged")


def ask_about_notice(notice: Notice, *, reason: str, at: datetime, barred: tuple[User, ...] = ()) -> Case:
    """Put a notice before a moderator of which no voice was found."""
    return moderation.open_case(
        kind=UNPLACED,
        subject=notice,
        title=f"Notice {notice.reference}: which voice?",
        about=None,
        due_at=words.next_due(notice, default=at),
        severity=policies.severity(notice.harm),
        credibility=40,
        reason=reason,
        barred=barred or _themselves(notice),
    )


def close_unplaced(notice: Notice, *, actor: User | str | None, reason: str) -> None:
    for case in Case.objects.about(notice).filter(kind=UNPLACED).exclude(status=Case.Status.DECIDED):
        moderation.withdraw_case(case, actor=actor, reason=reason)


def ask_about(claim: Claim, *, reason: str, at: datetime, barred: tuple[User, ...] = ()) -> Case:
    """Put a claim before a moderator, or press the case there is."""
    notice, verdict = claim.notice, policies.Verdict(claim.credible, claim.why)
    return moderation.open_case(
        kind=KIND,
        subject=claim,
        title=f"Notice {notice.reference}: {notice.get_harm_display() if notice.harm else 'a cloned voice'}"[:200],
        about=claim.voice.account,
        due_at=words.next_due(notice, default=at),
        severity=policies.severity(notice.harm),
        credibility=policies.credibility(verdict),
        reason=reason,
        barred=barred or _themselves(notice),
    )


def _themselves(notice: Notice) -> tuple[User, ...]:
    """Return the claimant where they work here: nobody decides their own notice."""
    return (notice.account,) if notice.account is not None and notice.account.is_staff else ()
