"""System checks: a setting that would lose jobs is refused before it does."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

OTHER_BROKERS = ("broker_class", "redis", "django_redis", "iron_mq", "sqs", "mongo")
WANTED = {"workers": 1, "queue_limit": 1, "bulk": 1, "max_attempts": 0}


@register()
def check_queue(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a broker that loses a task with its worker, and settings that let a message decide about a job."""
    conf: dict[str, Any] = settings.Q_CLUSTER
    found: list[CheckMessage] = []
    if conf.get("orm") != "default" or any(conf.get(name) for name in OTHER_BROKERS):
        found.append(
            Error(
                "Q_CLUSTER does not use the database broker.",
                hint="Set 'orm': 'default' and no other broker: the others lose a job with its worker, and an enqueue "
                "would not be part of the caller's transaction.",
                id="velluto.E101",
            )
        )
    wrong = [name for name, value in WANTED.items() if conf.get(name, value) != value]
    if wrong or conf.get("sync") or conf.get("ack_failures"):
        found.append(
            Error(
                f"Q_CLUSTER changes what velluto.jobs relies on: {', '.join(wrong) or 'sync or ack_failures'}.",
                hint="Leave these as they are; more workers are VELLUTO_CPU_WORKERS and VELLUTO_GPU_WORKERS.",
                id="velluto.E102",
            )
        )
    missing = {"cpu", "gpu"} - set(conf.get("ALT_CLUSTERS", {}))
    if missing:
        found.append(Error(f"Q_CLUSTER's ALT_CLUSTERS lacks {', '.join(sorted(missing))}.", id="velluto.E103"))
    return found
