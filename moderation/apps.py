from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ModerationConfig(AppConfig):
    name = "moderation"

    def ready(self) -> None:
        """Let each app say what is decided about its objects, what can be reported, and what it counts."""
        import_module("moderation.conduct")
        import_module("moderation.report_admin")
        autodiscover_modules("decisions", "reporting", "counted")
