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


@register(Tags.security, deploy=True)
def the_admin_requires_a_second_factor(app_configs: Any, **options: Any) -> list[Error]:
    return [] if settings.ADMIN_REQUIRES_MFA else [ADMIN_WITHOUT_MFA]
