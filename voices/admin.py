from __future__ import annotations

import io
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path

from accounts.client import SignedIn
from velluto import links, parts
from velluto.admin import ReadOnlyAdmin
from velluto.audio import pictures
from voices import services
from voices.models import Recording, Voice

LISTEN = "moderation.listen_recording"


@admin.register(Voice)
class VoiceAdmin(ReadOnlyAdmin):
    list_display = ["short_id", "account", "kind", "whose", "status", "created_at", "activated_at"]
    list_filter = ["status", "kind", "whose"]
    search_fields = ["id", "account__email"]
    fields = [
        "id", "account", "kind", "whose", "status", "status_changed_at", "created_at", "activated_at",
        "artefact_engine", "artefact_version",
    ]  # fmt: skip

    @admin.display(description="Voice")
    def short_id(self, voice: Voice) -> str:
        return str(voice.pk)[:8]


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    """Recordings are heard and seen one at a time, by those who may listen; each time is on record."""

    list_display = ["id", "voice", "purpose", "seconds", "received_at"]
    list_filter = ["purpose"]
    fields = ["id", "voice", "purpose", "seconds", "rate", "sha256", "received_at"]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:recording_id>/audio/", view(self.audio), name="voices_recording_audio"),
            path("<uuid:recording_id>/<slug:picture>.img", view(self.picture), name="voices_recording_picture"),
            *super().get_urls(),
        ]

    def audio(self, request: SignedIn, recording_id: str) -> HttpResponseBase:
        recording = self._recording(request, recording_id)
        services.listened(recording, actor=request.user)
        content = services.recording_bytes(recording)
        return parts.send(request, io.BytesIO(content), len(content), "audio/flac")

    def picture(self, request: SignedIn, recording_id: str, picture: str) -> HttpResponse:
        recording = self._recording(request, recording_id)
        if picture not in ("waveform", "spectrogram"):
            raise Http404
        services.listened(recording, actor=request.user, how=picture)
        sound = services.load_audio(recording)
        if picture == "waveform":
            return _private(pictures.waveform_svg(sound), "image/svg+xml")
        return _private(pictures.spectrogram_png(sound), "image/png")

    def _recording(self, request: SignedIn, recording_id: str) -> Recording:
        if not request.user.has_perm(LISTEN):
            raise PermissionDenied
        recording = get_object_or_404(Recording.objects.select_related("voice__owner"), pk=recording_id)
        links.require(request)
        return recording


def _private(content: bytes, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    return response
