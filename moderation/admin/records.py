"""Decisions, statements of reasons, appeals and the policy: to read."""

from __future__ import annotations

from django.contrib import admin

from moderation.admin import words
from moderation.models import Appeal, Decision, PolicySection, StatementOfReasons
from velluto.admin import ReadOnlyAdmin


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ["case", "choice", "section", "status", "decided_by", "second", "decided_at"]
    list_filter = ["status", "choice", "section"]
    list_select_related = ["case", "section", "decided_by", "second"]


@admin.register(StatementOfReasons)
class StatementAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "decision", "composed_at", "sent_at"]
    list_select_related = ["decision"]
    date_hierarchy = "composed_at"
    fields = ["decision", "recipient", "subject", "letter", "fields", "composed_at", "sent_at"]

    @admin.display(description="As it was sent")
    def letter(self, statement: StatementOfReasons) -> str:
        return words.without_link(statement.body)


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    """What was written in an appeal is read on the page of its case."""

    list_display = ["__str__", "decision", "side", "status", "filed_at", "answered_at"]
    list_filter = ["status", "side"]
    list_select_related = ["decision"]


@admin.register(PolicySection)
class PolicySectionAdmin(ReadOnlyAdmin):
    list_display = ["code", "title"]
