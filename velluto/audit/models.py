"""The tables of the audit. Triggers (triggers.py) keep them append-only whoever holds the connection."""

from __future__ import annotations

import json
from typing import Any, ClassVar, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


def canonical(value: object) -> str:
    """Return the one JSON text of a value: sorted keys, no blanks, ASCII only, no NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False, cls=DjangoJSONEncoder
    )


class CanonicalJSONField(models.TextField):
    """Keep a JSON value as its canonical text.

    A JSON column would not do: PostgreSQL rewrites numbers (1e16 comes back as an integer), and digests would change.
    """

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str:
        return canonical(value)

    def value_to_string(self, obj: models.Model) -> str:
        return canonical(self.value_from_object(obj))


class AppendOnlyError(TypeError):
    """A row of the audit was about to be changed or deleted."""


class AppendOnly(models.Model):
    """Refuse in Python what the triggers refuse in the database, with a clearer error."""

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{self._meta.label} rows are never changed.")
        super().save(**(options | {"force_insert": True}))

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(f"{self._meta.label} rows are never deleted.")


class AuditEvent(AppendOnly):
    """One thing that happened: who (`actor`) did what (`event`) to which (`subject_*`), and why."""

    # No gaps: the head hands the numbers out, so a missing one is a deleted row.
    id = models.BigIntegerField("number", primary_key=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=100, db_index=True)
    actor = models.CharField(max_length=200, db_index=True)
    subject_type = models.CharField(max_length=100, blank=True)
    subject_id = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    data = CanonicalJSONField(default=dict, blank=True)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["subject_type", "subject_id"], name="audit_event_subject")]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.pk} {self.event}"


class AuditHead(models.Model):
    """The end of the chain: one row, locked by whoever appends."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"


class AuditCheckpoint(AppendOnly):
    """A signed statement of where the chain ended; its twin is a file where the operator keeps it."""

    number = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    public_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta:
        ordering: ClassVar = ["number", "id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"checkpoint at {self.number}"

    @classmethod
    def last(cls) -> AuditCheckpoint | None:
        return cast("AuditCheckpoint | None", cls.objects.order_by("-number", "-id").first())
