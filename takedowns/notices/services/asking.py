"""Ask the claimant, hear the answer, and go on without one: no clock waits."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from takedowns.models import Claim, Notice, NoticeQuestion
from takedowns.notices import policies, refusals
from takedowns.notices.services import asked as cases
from takedowns.notices.services import claims, words
from velluto import audit
from velluto.transitions import move

S = NoticeQuestion.Status


def ask(
    notice: Notice, *, claim: Claim | None, question: str, actor: User, at: datetime | None = None
) -> NoticeQuestion:
    """Ask the claimant something, as the answer to a case; the case comes back with the answer, or without one."""
    at = at or timezone.now()
    with transaction.atomic():
        kept = cases.lock(notice)
        if kept.status != Notice.Status.OPEN or kept.questions.filter(status=S.ASKED).exists():
            raise refusals.NoticeClosed()
        claims.acknowledge(kept, actor=actor, at=at)  # whoever asks has read it
        due = [clock.due_at for clock in words.running(kept) if clock.due_at > at]
        asked = NoticeQuestion(
            notice=kept, claim=claim, asked_at=at, answer_until=policies.answer_until(at, due), status=S.ASKED
        )
        asked.sealed = words.seal_words(kept, asked, question)
        asked.save(force_insert=True)
        words.tell_claimant(kept, "asked", asked.pk)
        audit.record("takedowns.notice.asked", actor=actor, subject=kept, data={"question": str(asked.pk)})
        return asked


def answer(notice: Notice, *, text: str, at: datetime | None = None) -> NoticeQuestion:
    """Keep what the claimant answers, and put it before a moderator. Raise NoQuestionOpen, WordsMissing."""
    at, text = at or timezone.now(), text.strip()
    if not text or len(text) > policies.LONGEST_WORDS:
        raise refusals.WordsMissing(most=policies.LONGEST_WORDS)
    with transaction.atomic():
        asked = _open_question(notice)
        if asked is None:
            raise refusals.NoQuestionOpen()
        sealed = words.seal_words(notice, asked, text)
        move(asked, S.ANSWERED, actor=notice.account or "notifier", answer=sealed, answered_at=at)
        _go_on(asked, reason="the claimant answered", at=at)
        return asked


def go_on_without(*, at: datetime | None = None) -> int:
    """Put back before a moderator what a claimant did not answer in time; return how many."""
    at = at or timezone.now()
    late = NoticeQuestion.objects.filter(status=S.ASKED, answer_until__lt=at)
    count = 0
    for one in late.select_related("notice"):
        with transaction.atomic():
            asked = _open_question(one.notice)
            if asked is not None and asked.answer_until < at:
                move(asked, S.SILENT, actor=None, reason="no answer came in time")
                _go_on(asked, reason="the claimant did not answer", at=at)
                count += 1
    return count


def _open_question(notice: Notice) -> NoticeQuestion | None:
    cases.lock(notice)
    asked = NoticeQuestion.objects.select_for_update(of=("self",), no_key=True).filter(notice=notice, status=S.ASKED)
    return asked.select_related("notice", "claim__voice__account").first()


def _go_on(asked: NoticeQuestion, *, reason: str, at: datetime) -> None:
    if asked.claim is None:
        cases.ask_about_notice(asked.notice, reason=reason, at=at)
    elif asked.claim.status == Claim.Status.OPEN:
        cases.ask_about(asked.claim, reason=reason, at=at)
