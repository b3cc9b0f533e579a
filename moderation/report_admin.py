"""Reports as a list without their words, and the figures of moderation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from moderation import charts, counted, figures
from moderation.figures import Period
from moderation.models import Case, Report
from velluto.admin import ReadOnlyAdmin

LENGTHS = (7, 30, 90, 365)
USUAL = 30
HOURS = (
    ("1 h", timedelta(hours=1)),
    ("6 h", timedelta(hours=6)),
    ("1 day", timedelta(days=1)),
    ("2 days", timedelta(days=2)),
    ("7 days", timedelta(days=7)),
    ("longer", timedelta.max),
)


class PeriodForm(forms.Form):
    first = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    last = forms.DateField(label="To", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and not timedelta(0) <= last - first <= timedelta(days=3660):
            raise forms.ValidationError("The first day comes before the last, by ten years at most.")
        return given


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """What was reported and what came of it; the words stand in the case."""

    list_display = ["id", "category", "subject_type", "credibility", "trusted", "status", "received_at", "settled_at"]
    list_filter = ["status", "category", "trusted"]
    fields = ["id", "case", "category", "credibility", "trusted", "verified_at", "status", "received_at", "settled_at"]
    date_hierarchy = "received_at"

    def get_urls(self) -> list[Any]:
        return [path("figures/", self.admin_site.admin_view(self.figures), name="figures"), *super().get_urls()]

    def figures(self, request: HttpRequest) -> HttpResponse:
        """Show how the queue does, over a period that one chooses."""
        if not request.user.has_perm("moderation.view_figures"):
            raise PermissionDenied
        today = timezone.localdate()
        chosen = request.GET.get("days", "")
        days = int(chosen) if chosen in map(str, LENGTHS) else USUAL
        usual = {"first": today - timedelta(days=days - 1), "last": today}
        form = PeriodForm(request.GET if "first" in request.GET else usual)
        given = form.cleaned_data if form.is_valid() else usual
        period = Period(given["first"], given["last"])
        context = {
            **self.admin_site.each_context(request),
            "title": "Figures",
            "opts": self.opts,
            "form": form,
            "period": period,
            "lengths": LENGTHS,
            "days": days if "first" not in request.GET else None,
            "tiles": tiles(period),
            "charts": pictures(period),
            "tables": figures.tables(period),
        }
        return TemplateResponse(request, "admin/moderation/figures.html", context)


def tiles(period: Period) -> list[tuple[str, figures.Cell]]:
    """Return the few figures that one looks at first."""
    decided = list(counted.decided(period))
    took = [answer.took for answer in decided]
    overdue = Case.objects.filter(counted.open_at(period.end), due_at__lt=min(period.end, timezone.now())).count()
    return [
        ("Waiting", len(counted.waiting(period))),
        ("Overdue", overdue),
        ("Decided", len(decided)),
        ("Median time", figures.median(took)),
        ("Nine in ten within", figures.ninetieth(took)),
        ("Deadlines met", figures.share(sum(answer.in_time for answer in decided), len(decided))),
        ("Overturned", figures.share(sum(answer.overturned for answer in decided), len(decided))),
    ]


def pictures(period: Period) -> list[charts.Chart]:
    ages = [min(period.end, timezone.now()) - since for since in counted.waiting(period)]
    times = [answer.took for answer in counted.decided(period)]
    closed = Case.objects.filter(period.within("decided_at")).values_list("decided_at", flat=True)
    return [
        charts.by_time(
            "Cases opened and decided",
            period,
            opened=list(Case.objects.filter(period.within("opened_at")).values_list("opened_at", flat=True)),
            decided=[at for at in closed if at is not None],
        ),
        charts.by_length("Time to a decision", "Decided", times, HOURS),
        charts.by_length("How long cases have waited", "Waiting", ages, HOURS),
    ]
