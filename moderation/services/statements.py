"""Compose the statement of reasons: what a person is told about a decision, kept exactly as it is sent.

The fields are those of the EU's DSA Transparency Database (Articles 17 and 24(5) of Regulation (EU) 2022/2065).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from accounts.models import User
from moderation import registry
from moderation.models import Appeal, Case, Decision, StatementOfReasons
from moderation.services import redress
from velluto import jobs


@dataclass(frozen=True)
class Draft:
    """A statement of reasons before it is sent: `fields` are named as in the EU's database."""

    subject: str
    body: str
    fields: dict[str, Any]


def draft(case: Case, decision: Decision) -> Draft:
    """Return the statement for a decision, which need not have been made yet."""
    question = registry.question(case.kind)
    choice = question.choice(decision.choice)
    context = {"decision": decision, "case": case, "choice": choice, "public_url": settings.PUBLIC_URL}
    subject, _, body = render_to_string(question.mail_template, context).strip().partition("\n")
    text = body.strip() + "\n"
    if choice is not None and choice.restriction:
        text += "\n" + render_to_string(
            "moderation/mail/redress.txt",
            {"link": redress.link(case, Appeal.Side.AFFECTED), "until": redress.until(decision)},
        )
    return Draft(subject.strip(), text, _fields(question, choice, decision))


def keep(case: Case, decision: Decision, *, recipient: User) -> StatementOfReasons:
    """Write the statement down as it will be sent, and queue its sending, in the caller's transaction."""
    text = draft(case, decision)
    statement = StatementOfReasons.objects.create(
        decision=decision,
        recipient=recipient,
        subject=text.subject,
        body=text.body,
        fields=text.fields,
        composed_at=_made_at(decision),
    )
    jobs.enqueue("moderation.tell", str(statement.pk), key=f"moderation.tell:{statement.pk}")
    return statement


def _source(question: registry.Question, decision: Decision) -> str:
    if not question.reported:
        return "SOURCE_VOLUNTARY"
    trusted = decision.case.reports.filter(trusted=True).exists()
    return "SOURCE_TRUSTED_FLAGGER" if trusted else "SOURCE_ARTICLE_16"


def _made_at(decision: Decision) -> datetime:
    return decision.second_at or decision.decided_at


def _fields(question: registry.Question, choice: registry.Choice | None, decision: Decision) -> dict[str, Any]:
    section = decision.section
    return {
        **(dict(choice.restriction) if choice else {}),
        "puid": str(decision.pk),
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": f"{section.code} {section.title}",
        "incompatible_content_explanation": decision.reason,
        "decision_facts": decision.reason,
        "content_type": [question.content_type],
        "category": "STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE",
        "source_type": _source(question, decision),
        "automated_detection": "No" if question.reported else "Yes",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "application_date": f"{_made_at(decision):%Y-%m-%d}",
    }
