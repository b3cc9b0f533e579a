"""The tables of the vault: wrapped keys in the database `keys`, the list of objects in `default`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class DataKey(models.Model):
    """The key of one owner, wrapped; once destroyed, the row stays as the reason why there will be no other."""

    owner = models.CharField(max_length=200, primary_key=True)
    key_id = models.UUIDField(unique=True)
    wrapped = models.BinaryField()
    kek_id = models.CharField(max_length=16, db_index=True)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(destroyed_at__isnull=True) | models.Q(wrapped=b""),
                name="data_key_destroyed_is_empty",
            )
        ]

    def __str__(self) -> str:
        return self.owner


class VaultObject(models.Model):
    """One encrypted file. It exists while this row does; a rolled-back `put` leaves a file without one (see sweep)."""

    name = models.CharField(max_length=100, primary_key=True)
    owner = models.CharField(max_length=200, db_index=True)
    purpose = models.CharField(max_length=50)
    size = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
