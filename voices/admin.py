from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path

from accounts.client import SignedIn
from accounts.models import User
from velluto import links, parts
from velluto.admin import ReadOnlyAdmin
from velluto.audio import pictures
from velluto.errors import Refusal
from voices import services
from voices.models import CatalogueEntry, Recording, RightsRecord, Voice

LISTEN = "moderation.listen_recording"


@admin.register(Voice)
class VoiceAdmin(ReadOnlyAdmin):
    list_display = ["short_id", "account", "kind", "whose", "tier", "status", "created_at", "activated_at"]
    list_filter = ["status", "kind", "whose", "tier"]
    search_fields = ["id", "account__email"]
    fields = [
        "id", "account", "kind", "whose", "tier", "status", "status_changed_at", "created_at", "activated_at",
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


@admin.register(CatalogueEntry)
class CatalogueEntryAdmin(ReadOnlyAdmin):
    """The catalogue: what stands in it, and putting it in or taking it out."""

    list_display = ["voice_name", "language", "style", "gender", "status", "rights_until"]
    list_filter = ["status", "language", "style", "gender"]
    search_fields = ["voice__id", "voice__name"]
    list_select_related = ["voice"]
    fields = ["voice", "language", "style", "gender", "description", "status", "status_changed_at", "rights_until"]
    readonly_fields = ["rights_until"]
    actions = ["publish", "take_out"]

    @admin.display(description="Voice", ordering="voice__name")
    def voice_name(self, entry: CatalogueEntry) -> str:
        return entry.voice.name

    @admin.display(description="Rights until")
    def rights_until(self, entry: CatalogueEntry) -> str:
        rights = services.rights_of(entry.voice)
        if rights is None:
            return "none in force"
        return f"{rights.valid_until:%-d %B %Y}" if rights.valid_until else "no end"

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("voices.publish_voice")

    @admin.action(description="Publish in the catalogue", permissions=["publish"])
    def publish(self, request: HttpRequest, chosen: QuerySet[CatalogueEntry]) -> None:
        self._each(request, chosen, services.publish, "it is published.")

    @admin.action(description="Take out of the catalogue", permissions=["publish"])
    def take_out(self, request: HttpRequest, chosen: QuerySet[CatalogueEntry]) -> None:
        self._each(request, chosen, services.unpublish, "it has left the catalogue.")

    def _each(self, request: HttpRequest, chosen: QuerySet[CatalogueEntry], do: Callable[..., None], said: str) -> None:
        for entry in chosen:
            try:
                do(entry.voice, actor=cast(User, request.user), reason="in the admin")
            except Refusal as refusal:
                self.message_user(request, f"{entry.voice.name}: {refusal}", messages.ERROR)
            else:
                self.message_user(request, f"{entry.voice.name}: {said}", messages.SUCCESS)


@admin.register(RightsRecord)
class RightsRecordAdmin(ReadOnlyAdmin):
    """What lets curated voices be published; who granted it stands on the record's own page."""

    list_display = ["id", "voice", "origin", "valid_from", "valid_until", "status"]
    list_filter = ["status", "origin"]
    date_hierarchy = "recorded_at"
    actions = ["end"]
    fields = [
        "id", "voice", "origin", "granted_by", "valid_from", "valid_until", "territory", "uses", "document_sha256",
        "recorded_at", "status",
    ]  # fmt: skip

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("voices.publish_voice")

    @admin.action(description="End these rights now", permissions=["publish"])
    def end(self, request: HttpRequest, chosen: QuerySet[RightsRecord]) -> None:
        for rights in chosen:
            try:
                services.end_rights(rights, actor=cast(User, request.user), reason="in the admin")
            except Refusal as refusal:
                self.message_user(request, f"{rights}: {refusal}", messages.ERROR)
            else:
                self.message_user(request, f"{rights}: ended.", messages.SUCCESS)


def _private(content: bytes, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    return response
