"""System checks of the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connection

from velluto.audit import triggers


@checks.register(checks.Tags.database)
def audit_is_guarded(databases: Sequence[str] | None = None, **options: Any) -> list[checks.CheckMessage]:
    """Say which triggers of the audit are missing. A warning, because `migrate` runs this check and is the cure."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    return [
        checks.Warning(
            f"The audit is not protected: the trigger {problem}.",
            hint="Find out who removed it (manage.py verify_audit); manage.py migrate puts it back.",
            id="velluto.W001",
        )
        for problem in triggers.problems(connection)
    ]
