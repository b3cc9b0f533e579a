"""Tell people what was decided about them, and about what they reported."""

from __future__ import annotations

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from moderation.models import Appeal, Decision, NoGoRecording, Report, StatementOfReasons
from moderation.services import feedback, nogo_voices, redress, reports, returning
from velluto.jobs import Job, Run, job


@job("moderation.tell", queue="cpu", attempts=5, timeout=60)
def tell(run: Run, statement_id: str) -> None:
    """Mail a statement of reasons to its recipient."""
    statement = StatementOfReasons.objects.select_related("recipient").get(pk=statement_id)
    if statement.recipient is None or statement.recipient.is_erased or statement.sent_at:
        return
    run.check()
    send_mail(statement.subject, statement.body, None, [statement.recipient.email])
    with run.commit():
        StatementOfReasons.objects.filter(pk=statement.pk).update(sent_at=timezone.now())


@job("moderation.tell_reporter", queue="cpu", attempts=5, timeout=60)
def tell_reporter(run: Run, subject: str) -> None:
    """Mail to whoever reported something that it came, or what came of it; never about whom, or why."""
    pk, _, what = subject.partition(" ")
    report = Report.objects.select_related("case", "account").get(pk=pk)
    made = (Decision.Status.MADE, Decision.Status.REVERSED)
    decision = Decision.objects.filter(case=report.case, status__in=made).select_related("section").first()
    context = {
        "report": report,
        "what": what,
        "decision": decision,
        "status_link": reports.link(report),
        "appeal_link": redress.link(report.case, Appeal.Side.REPORTER) if decision else "",
        "until": redress.until(decision) if decision else None,
    }
    title, _, body = render_to_string("moderation/mail/report.txt", context).strip().partition("\n")
    run.check()
    if address := feedback.address_of(report):
        send_mail(title.strip(), body.strip() + "\n", None, [address])


@job("moderation.expire_returning", queue="cpu", attempts=3, timeout=120, every=300)
def expire_returning(run: Run, subject: str) -> None:
    """Destroy the voiceprints of terminated accounts that are to be kept no longer."""
    returning.expire(at=timezone.now())


def _unread(failed: Job) -> None:
    for recording in NoGoRecording.objects.filter(pk=failed.subject).exclude(object=""):
        nogo_voices.give_up(recording, "It could not be read. That is our fault; hand it in again.")


@job(nogo_voices.READ, queue="cpu", attempts=3, timeout=180, on_failure=_unread)
def read_nogo_recording(run: Run, recording_id: str) -> None:
    """Make the voiceprint of a recording that a custodian handed in."""
    for recording in NoGoRecording.objects.filter(pk=recording_id).exclude(object="").select_related("entry"):
        nogo_voices.read(run, recording)
