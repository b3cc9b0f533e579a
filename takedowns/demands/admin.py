"""Where staff demand the signed document of a voice, and see which demands stand."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path

from accounts.client import SignedIn
from takedowns.demands import services
from takedowns.demands.forms import DemandForm
from takedowns.models import EvidenceDemand
from velluto.admin import ReadOnlyAdmin
from velluto.errors import Refusal
from voices.models import Voice

DEMAND = "takedowns.demand_evidence"


@admin.register(EvidenceDemand)
class EvidenceDemandAdmin(ReadOnlyAdmin):
    """The signed documents that were demanded; what came is decided about in the queue."""

    list_display = ["id", "voice", "status", "demanded_at", "due_at", "reminders", "suspended"]
    list_filter = ["status"]
    search_fields = ["=id", "=voice__id", "=voice__account__email"]
    date_hierarchy = "demanded_at"
    fields = [
        "id", "voice", "status", "reason", "demanded_by", "demanded_at", "asked_at", "due_at", "reminders", "document",
        "suspended", "settled_at",
    ]  # fmt: skip

    def get_urls(self) -> list[Any]:
        new = path("new/<uuid:voice_id>/", self.admin_site.admin_view(self.new), name="takedowns_evidencedemand_new")
        return [new, *super().get_urls()]

    def new(self, request: HttpRequest, voice_id: str) -> HttpResponse:
        """Demand the document of one voice."""
        if not request.user.has_perm(DEMAND):
            raise PermissionDenied
        asked = cast(SignedIn, request)
        voice = get_object_or_404(Voice.objects.select_related("account", "owner"), pk=voice_id)
        form = DemandForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                demand = services.demand(voice, reason=form.cleaned_data["reason"], actor=asked.user)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                said = f"Demanded. The account has until {demand.due_at:%-d %B %Y, %H:%M} (UTC)."
                self.message_user(request, said, messages.SUCCESS)
                return redirect("admin:takedowns_evidencedemand_change", demand.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Demand the signed document",
            "voice": voice,
            "form": form,
            "standing": EvidenceDemand.objects.filter(voice=voice).exclude(status__in=EvidenceDemand.SETTLED).first(),
        }
        return TemplateResponse(request, "takedowns/demands/new.html", context, status=422 if form.errors else 200)
