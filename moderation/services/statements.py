"""Compose the statement of reasons: what a person is told about a decision, kept exactly as it is sent.

The fields are those of the EU's DSA Transparency Database (Articles 17 and 24(5) of Regulation (EU) 2022/2065).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from accounts.models import User
from moderation import registry
from moderation.models import Appeal, Case, Decision, PolicySection, StatementOfReasons
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


def automated(
    *,
    puid: str,
    recipient: User,
    section: str,
    reason: str,
    facts: str,
    content_type: str,
    restriction: Mapping[str, Any],
    template: str,
    context: Mapping[str, Any],
    at: datetime,
) -> StatementOfReasons:
    """Write down what somebody is told, on the spot, about something that a machine decided alone."""
    ground = PolicySection.objects.get(pk=section)
    given = {**context, "section": ground, "reason": reason, "facts": facts, "recipient": recipient}
    subject, _, body = render_to_string(template, given).strip().partition("\n")
    return StatementOfReasons.objects.create(
        recipient=recipient,
        subject=subject.strip(),
        body=body.strip() + "\n",
        fields={
            **restriction,
            **_common(ground, reason, content_type, at),
            "puid": puid,
            "decision_facts": facts,
            "source_type": "SOURCE_VOLUNTARY",
            "automated_detection": "Yes",
            "automated_decision": "AUTOMATED_DECISION_FULLY",
        },
        composed_at=at,
        sent_at=at,
    )


def _source(question: registry.Question, decision: Decision) -> str:
    reports = decision.case.reports.all()
    if not question.reported and not reports.exists():
        return "SOURCE_VOLUNTARY"
    return "SOURCE_TRUSTED_FLAGGER" if reports.filter(trusted=True).exists() else "SOURCE_ARTICLE_16"


def _made_at(decision: Decision) -> datetime:
    return decision.second_at or decision.decided_at


def _common(section: PolicySection, reason: str, content_type: str, at: datetime) -> dict[str, Any]:
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": f"{section.code} {section.title}",
        "incompatible_content_explanation": reason,
        "content_type": [content_type],
        "category": "STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE",
        "application_date": f"{at:%Y-%m-%d}",
    }


def _fields(question: registry.Question, choice: registry.Choice | None, decision: Decision) -> dict[str, Any]:
    source = _source(question, decision)
    return {
        **(dict(choice.restriction) if choice else {}),
        **_common(decision.section, decision.reason, question.content_type, _made_at(decision)),
        "puid": str(decision.pk),
        "decision_facts": decision.reason,
        "source_type": source,
        "automated_detection": "Yes" if question.detected and source == "SOURCE_VOLUNTARY" else "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }
