"""The kernel as a Django app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    name = "velluto"
    verbose_name = "Velluto"

    def ready(self) -> None:
        from velluto.jobs import checks  # noqa: F401  (checks register themselves)

        autodiscover_modules("jobs")
