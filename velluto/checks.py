"""System checks of the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connection

from velluto.audit import guards, triggers
from velluto.audit.checkpoints import trusted_keys
from velluto.vault.keys import key_encryption_keys


@checks.register(checks.Tags.database)
def audit_is_guarded(databases: Sequence[str] | None = None, **options: Any) -> Sequence[checks.CheckMessage]:
    """Say what is wrong with the audit's triggers and tables. A warning: `migrate` runs this check and is the cure."""
    if DEFAULT_DB_ALIAS not in (databases or ()) or guards.missing(connection) == {*guards.TABLES}:  # not migrated yet
        return []
    return [
        checks.Warning(
            f"The audit is not protected: the trigger {problem}.",
            hint="Find out who removed it (manage.py verify_audit); manage.py migrate puts it back.",
            id="velluto.W001",
        )
        for problem in triggers.problems(connection)
    ] + [
        checks.Warning(
            f"The audit is not protected. {sentence}",
            hint="Find out who changed it (manage.py verify_audit) and undo it.",
            id="velluto.W002",
        )
        for sentence in guards.diversions(connection)
    ]


@checks.register(checks.Tags.security)
def keys_can_be_used(app_configs: object = None, **options: Any) -> list[checks.CheckMessage]:
    """Say at the start, and not with the first recording, that a key of the settings is no key."""
    found: list[checks.CheckMessage] = []
    for name, read in (("VAULT_KEK", key_encryption_keys), ("AUDIT_SIGNING_KEY", trusted_keys)):
        try:
            read()
        except (ValueError, ImproperlyConfigured) as error:
            hint = "It is 32 random bytes in URL-safe base64; make one with: openssl rand -base64 32 | tr +/ -_"
            found.append(checks.Error(f"{name} cannot be used: {error}", hint=hint, id="velluto.E001"))
    return found
