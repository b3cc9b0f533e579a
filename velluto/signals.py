"""What the kernel does when Django says that something happened."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections

from velluto.audit import triggers


def guard_the_audit(sender: AppConfig, using: str, **options: Any) -> None:
    """Put back, after a migration or a flush, the triggers it dropped, and the head of a chain that has no row yet."""
    from velluto.audit.models import AuditEvent, AuditHead

    connection = connections[using]
    if using != DEFAULT_DB_ALIAS or AuditHead._meta.db_table not in connection.introspection.table_names():
        return
    # A head lost from under existing rows is not made again: that would hide a cut tail.
    if not AuditEvent.objects.exists():
        AuditHead.objects.get_or_create(pk=1)
    triggers.install(connection)
