"""The one place where a status changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from velluto import audit
from velluto.errors import Refusal


class TransitionRefused(Refusal):
    code = "transition_refused"
    status = 409
    message = "What is {current} cannot become {to}."
    next_step = "Look at it again: something else may be possible."


class Stale(Refusal):
    code = "stale"
    status = 409
    message = "Somebody else has changed this in the meantime."
    next_step = "Load it again and decide anew."


def move(
    obj: models.Model,
    to: str,
    *,
    actor: models.Model | str | None,
    reason: str = "",
    event: str = "",
    data: Mapping[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Move an object to a status that its MOVES allows, set `fields` with it, and write the audit row, or do nothing.

    The status that counts is the one `obj` was read with: where the database holds another by now, the move is Stale.
    The audit row locks the chain until the surrounding transaction ends: move last. `obj` takes the new values once all
    is written; fields it had that were not saved stay as they are.

    Raises TransitionRefused and Stale.
    """
    model: Any = type(obj)
    current: str = obj.status  # type: ignore[attr-defined]
    if to not in model.MOVES.get(current, ()):
        raise TransitionRefused(current=_words(model, current), to=_words(model, to))
    changes: dict[str, Any] = {"status": to, **fields}
    if any(field.name == "status_changed_at" for field in model._meta.concrete_fields):
        changes.setdefault("status_changed_at", timezone.now())
    with transaction.atomic():
        if not model._base_manager.filter(pk=obj.pk, status=current).update(**changes):
            raise Stale
        fresh = model._base_manager.only(*changes).get(pk=obj.pk)
        audit.record(
            event or f"{model._meta.label_lower}.{to}",
            actor=actor,
            subject=obj,
            reason=reason,
            data={"from": current, "to": to, **(data or {})},
        )
    for name in changes:
        attribute = model._meta.get_field(name).attname
        setattr(obj, attribute, getattr(fresh, attribute))


def _words(model: Any, status: str) -> str:
    return str(dict(model._meta.get_field("status").flatchoices).get(status, status)).lower()
