"""A small model to move about: the kernel has none with a status of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest
from django.db import connection, models

from tests.kernel.swift import Swift, serving


class Parcel(models.Model):
    class Status(models.TextChoices):
        PACKED = "packed", "Packed"
        SENT = "sent", "Sent"
        LOST = "lost", "Lost"

    MOVES: ClassVar = {Status.PACKED: {Status.SENT}, Status.SENT: {Status.LOST, Status.PACKED}}

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PACKED)
    status_changed_at = models.DateTimeField(null=True)
    carrier = models.CharField(max_length=20, default="")
    tries = models.IntegerField(default=0)

    class Meta:
        app_label = "tests"


@pytest.fixture(scope="session")
def _parcels(django_db_setup: None, django_db_blocker) -> Iterator[type[Parcel]]:
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Parcel)
        yield Parcel


@pytest.fixture
def parcel(_parcels: type[Parcel], request: pytest.FixtureRequest) -> Iterator[Parcel]:
    request.getfixturevalue("_django_db_helper")
    parcel = Parcel.objects.create()
    yield parcel
    Parcel.objects.all().delete()


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swift]:
    with serving(tmp_path_factory.mktemp("swift")) as server:
        yield server
