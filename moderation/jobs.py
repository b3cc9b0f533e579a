"""Tell people what was decided about them."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from moderation import registry
from moderation.models import Decision
from velluto.jobs import Run, job


@job("moderation.tell", queue="cpu", attempts=5, timeout=60)
def tell(run: Run, decision_id: str) -> None:
    """Mail the statement of reasons to the account that the case is about."""
    decision = Decision.objects.select_related("case__about", "section").get(pk=decision_id)
    question = registry.question(decision.case.kind)
    choice = question.choice(decision.choice)
    context = {"decision": decision, "case": decision.case, "choice": choice, "public_url": settings.PUBLIC_URL}
    if decision.case.about is None:
        return
    body = render_to_string(question.mail_template, context)
    subject, _, text = body.partition("\n")
    run.check()
    send_mail(subject.strip(), text.strip() + "\n", None, [decision.case.about.email])
