"""The queue of cases that humans decide, their decisions, and the policy that the decisions rest on."""

from moderation.models.appeals import Appeal
from moderation.models.decisions import Decision, StatementOfReasons
from moderation.models.queue import Case, CaseQuerySet, PolicySection
from moderation.models.reports import Report
from moderation.models.views import SavedView

__all__ = [
    "Appeal",
    "Case",
    "CaseQuerySet",
    "Decision",
    "PolicySection",
    "Report",
    "SavedView",
    "StatementOfReasons",
]
