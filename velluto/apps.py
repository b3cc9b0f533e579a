"""The kernel as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    name = "velluto"
    verbose_name = "Velluto"

    def ready(self) -> None:
        from velluto import checks, signals  # noqa: F401  (checks register themselves)
        from velluto.jobs import checks as job_checks  # noqa: F401  (checks register themselves)
        from velluto.jobs import house  # noqa: F401  (its jobs register themselves)

        post_migrate.connect(signals.guard_the_audit, sender=self)
        autodiscover_modules("jobs")
