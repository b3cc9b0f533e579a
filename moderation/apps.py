from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ModerationConfig(AppConfig):
    name = "moderation"

    def ready(self) -> None:
        """Let each app say what a moderator may decide about its objects (its `decisions.py`)."""
        autodiscover_modules("decisions")
