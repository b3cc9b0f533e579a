"""The queue of cases that humans decide, their decisions, the policy that they rest on, and the No-Go list."""

from moderation.models.appeals import Appeal
from moderation.models.decisions import Decision, StatementOfReasons
from moderation.models.nogo import (
    NoGoEntry,
    NoGoMatch,
    NoGoRecording,
    NoGoRevision,
    NoGoScreening,
    NoGoVoiceprint,
)
from moderation.models.queue import Case, CaseQuerySet, PolicySection
from moderation.models.reports import Report
from moderation.models.views import SavedView

__all__ = [
    "Appeal",
    "Case",
    "CaseQuerySet",
    "Decision",
    "NoGoEntry",
    "NoGoMatch",
    "NoGoRecording",
    "NoGoRevision",
    "NoGoScreening",
    "NoGoVoiceprint",
    "PolicySection",
    "Report",
    "SavedView",
    "StatementOfReasons",
]
