"""The screenings on record, and what was spoken: heard one at a time, by those who may, and each time is on record."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path

from accounts.client import SignedIn
from moderation.models import Case
from synthesis import services
from synthesis.freezes.admin import FreezeAdmin as FreezeAdmin
from synthesis.models import Output, Screening
from synthesis.reporting import REPORTED
from synthesis.screening import ALLOWED
from velluto import links, parts
from velluto.admin import ReadOnlyAdmin
from velluto.audio import export

LISTEN = "moderation.listen_recording"


@admin.register(Output)
class OutputAdmin(ReadOnlyAdmin):
    list_display = ["id", "request", "seconds", "size", "signed", "released_at", "deleted_at"]
    fields = ["id", "request", "seconds", "size", "sha256", "signed", "disclosed", "released_at", "deleted_at"]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [path("<uuid:output_id>/audio/", view(self.audio), name="synthesis_output_audio"), *super().get_urls()]

    def audio(self, request: SignedIn, output_id: str) -> HttpResponseBase:
        """Play what somebody reported; whatever nobody reported is no business of the staff."""
        if not request.user.has_perm(LISTEN):
            raise PermissionDenied
        output = get_object_or_404(Output.objects.select_related("request__account"), pk=output_id)
        get_object_or_404(Case.objects.about(output).filter(kind=REPORTED)[:1])
        links.require(request)
        made = export.FORMATS[output.request.format]
        sound = services.open_output(output, actor=request.user)
        return parts.send(request, sound, output.size, made.media_type)


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
