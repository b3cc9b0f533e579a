"""Tell people what was decided about them."""

from __future__ import annotations

from django.core.mail import send_mail
from django.utils import timezone

from moderation.models import StatementOfReasons
from velluto.jobs import Run, job


@job("moderation.tell", queue="cpu", attempts=5, timeout=60)
def tell(run: Run, statement_id: str) -> None:
    """Mail a statement of reasons to its recipient."""
    statement = StatementOfReasons.objects.select_related("recipient").get(pk=statement_id)
    if statement.recipient is None or statement.sent_at:
        return
    run.check()
    send_mail(statement.subject, statement.body, None, [statement.recipient.email])
    with run.commit():
        StatementOfReasons.objects.filter(pk=statement.pk).update(sent_at=timezone.now())
