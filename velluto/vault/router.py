"""Which table lives in which database."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, models

KEYS = "keys"
KEY_MODEL = ("velluto", "datakey")


class KeysRouter:
    """Keep the wrapped keys, and nothing else, in the database `keys`."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        return KEYS if _is_key(model._meta.app_label, model._meta.model_name) else DEFAULT_DB_ALIAS

    db_for_write = db_for_read

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:
        # Ask the objects, not their types: request.user is a lazy wrapper, whose type has no _meta.
        return _is_key(one._meta.app_label, one._meta.model_name) == _is_key(
            other._meta.app_label, other._meta.model_name
        )

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        return db == (KEYS if _is_key(app_label, model_name) else DEFAULT_DB_ALIAS)


def _is_key(app_label: str, model_name: str | None) -> bool:
    return (app_label, model_name) == KEY_MODEL
