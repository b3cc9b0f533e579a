from django.contrib import admin

from velluto.admin import ReadOnlyAdmin
from voices.models import Recording, Voice


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
    list_display = ["id", "voice", "purpose", "seconds", "received_at"]
    list_filter = ["purpose"]
    fields = ["id", "voice", "purpose", "seconds", "rate", "sha256", "received_at"]
