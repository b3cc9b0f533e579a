"""What was spoken, as staff see it; it is heard one at a time, by those who may listen, and each time is on record."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path

from accounts.client import SignedIn
from moderation.models import Case
from synthesis import services
from synthesis.models import Output
from synthesis.reporting import REPORTED
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
