"""The screenings on record, and how often humans agreed with each engine."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse

from synthesis.models import Screening
from synthesis.screening import ALLOWED
from velluto.admin import ReadOnlyAdmin


@admin.register(Screening)
class ScreeningAdmin(ReadOnlyAdmin):
    """What was found in each script; never the script."""

    list_display = ("screened_at", "account", "verdict", "category", "label", "engine", "version")
    list_filter = ("verdict", "category", "label", "engine")
    search_fields = ("=id", "account__email")
    date_hierarchy = "screened_at"
    exclude = ("digest",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show beside the list, for each engine and category, how many held texts humans found to be what it said."""
        looked_at = Screening.objects.exclude(label="").exclude(category="").order_by()
        precision = looked_at.values("engine", "version", "category").annotate(
            looked_at=Count("pk"),
            right=Count("pk", filter=Q(label=F("category"))),
            forbidden=Count("pk", filter=~Q(label=ALLOWED)),
        )
        rows = [
            {**row, "precision": row["right"] / row["looked_at"], "justified": row["forbidden"] / row["looked_at"]}
            for row in precision.order_by("engine", "version", "category")
        ]
        return super().changelist_view(request, {**(extra_context or {}), "precision": rows})
