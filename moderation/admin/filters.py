"""What part of the queue one looks at. Each filter has an index behind it (moderation.models.queue)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from moderation import registry
from moderation.models import Case
from moderation.models.queue import CUSTODIAL

DECIDED, ALL, MINE, SECOND = "decided", "all", "mine", "second"


class StateFilter(admin.SimpleListFilter):
    """Waiting, unless something else is chosen, or searched for: whoever names a case wants it whatever its state."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (MINE, "Claimed by me"),
            (SECOND, "Waiting for a second person"),
            (DECIDED, "Decided"),
            (ALL, "All"),
        ]

    def choices(self, changelist: Any) -> Any:
        none, *others = super().choices(changelist)
        yield {**none, "display": "Waiting"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value() or (ALL if request.GET.get("q") else "")
        if chosen == MINE:
            return queryset.filter(status=Case.Status.CLAIMED, claimed_by=request.user)
        if chosen == SECOND:
            return queryset.filter(status=Case.Status.PROPOSED)
        if chosen == DECIDED:
            return queryset.filter(status=Case.Status.DECIDED)
        return queryset if chosen == ALL else queryset.waiting()


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = [(question.kind, question.label) for question in registry.questions()]
        return [(kind, label) for kind, label in kinds if not kind.startswith(CUSTODIAL)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class SeverityFilter(admin.SimpleListFilter):
    title = "severity"
    parameter_name = "severity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Case.Severity.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(severity=self.value()) if self.value() in known else queryset


class DueFilter(admin.SimpleListFilter):
    title = "deadline"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("over", "Overdue"), ("day", "Due within a day")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now = timezone.now()
        if self.value() == "over":
            return queryset.filter(due_at__lt=now)
        return queryset.filter(due_at__range=(now, now + timedelta(days=1))) if self.value() == "day" else queryset


class AgeFilter(admin.SimpleListFilter):
    title = "age"
    parameter_name = "age"
    DAYS = {"1": "Older than a day", "3": "Older than three days", "7": "Older than a week"}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.DAYS.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        days = self.value()
        if days not in self.DAYS:
            return queryset
        return queryset.filter(opened_at__lt=timezone.now() - timedelta(days=int(days)))
