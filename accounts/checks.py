"""What `manage.py check --deploy` must not let pass about accounts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register

ADMIN_WITHOUT_MFA = Error(
    "The admin opens without a second factor.",
    hint="Remove ADMIN_REQUIRES_MFA from the environment, or set it to true.",
    id="accounts.E001",
)


COUNTS_IN_ONE_PROCESS = Error(
    "Rate limits count in memory of each process, or not at all.",
    hint="Let CACHES['default'] be a database or Redis cache that all processes share.",
    id="accounts.E002",
)
NOT_SHARED = {"django.core.cache.backends.locmem.LocMemCache", "django.core.cache.backends.dummy.DummyCache"}


@register(Tags.security, deploy=True)
def rate_limits_count_in_one_place(app_configs: Any, **options: Any) -> list[Error]:
    return [COUNTS_IN_ONE_PROCESS] if settings.CACHES["default"]["BACKEND"] in NOT_SHARED else []


@register(Tags.security, deploy=True)
def the_admin_requires_a_second_factor(app_configs: Any, **options: Any) -> list[Error]:
    return [] if settings.ADMIN_REQUIRES_MFA else [ADMIN_WITHOUT_MFA]


NOBODY_RUNS_IT = Error(
    "The terms and policies name nobody who runs this service.",
    hint="Set OPERATOR_NAME, OPERATOR_ADDRESS and OPERATOR_CONTACT, then run manage.py publish_texts.",
    id="accounts.E003",
)


@register(Tags.security, deploy=True)
def somebody_runs_it(app_configs: Any, **options: Any) -> list[Error]:
    said = settings.OPERATOR
    return [] if said["name"] and said["address"] and said["contact"] else [NOBODY_RUNS_IT]
