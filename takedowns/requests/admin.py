"""Where staff see requests of Voice Owners, hear what was read aloud, and say which voices are theirs."""

from __future__ import annotations

import io
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from accounts.client import SignedIn
from moderation.models import Case
from takedowns.models import OwnerRecording, OwnerRequest
from takedowns.requests import services
from takedowns.requests.forms import JudgeForm
from velluto import links, parts
from velluto.admin import ReadOnlyAdmin
from velluto.errors import Refusal
from voices.models import Voice

LISTEN, DECIDE = "moderation.listen_recording", "moderation.decide_case"


@admin.register(OwnerRequest)
class OwnerRequestAdmin(ReadOnlyAdmin):
    """What Voice Owners without a link asked for, and what came of it; who they are stands in the case alone."""

    list_display = ["id", "delete_model", "cease", "copy", "status", "received_at", "verified_at", "decided_at"]
    list_filter = ["status", "delete_model", "cease", "copy"]
    date_hierarchy = "received_at"
    fields = ["id", "delete_model", "cease", "copy", "status", "received_at", "verified_at", "decided_at"]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:pk>/judge/", view(self.judge), name="takedowns_ownerrequest_judge"),
            path("recordings/<uuid:pk>/audio/", view(self.audio), name="takedowns_ownerrecording_audio"),
            *super().get_urls(),
        ]

    def judge(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Say of one voice whether it is theirs."""
        if not request.user.has_perm(DECIDE):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        asked = get_object_or_404(OwnerRequest, pk=pk)
        form = JudgeForm(request.POST)
        voice = Voice.objects.filter(pk=form.cleaned_data["voice"]).first() if form.is_valid() else None
        try:
            if voice is None:
                raise Refusal()
            services.choose(asked, voice=voice, chosen=form.cleaned_data["chosen"], actor=cast(SignedIn, request).user)
        except Refusal as refusal:
            said = str(refusal) if voice else "There is no such voice."
            self.message_user(request, said, messages.ERROR)
        case = get_object_or_404(Case.objects.about(asked).order_by("-opened_at")[:1])
        return redirect("admin:moderation_case_change", case.pk)

    def audio(self, request: SignedIn, pk: str) -> HttpResponseBase:
        """Play what somebody read aloud to show whose voice they have; each time is on record."""
        if not request.user.has_perm(LISTEN):
            raise PermissionDenied
        recording = get_object_or_404(OwnerRecording.objects.select_related("request"), pk=pk)
        links.require(request)
        content = services.listen(recording, actor=request.user)
        return parts.send(request, io.BytesIO(content), len(content), "audio/flac")
