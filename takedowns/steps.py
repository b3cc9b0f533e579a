"""Work that is done in steps, each in one commit with a row and a receipt: killed anywhere, it goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from velluto import audit

Receipt = dict[str, Any]
# What a step is called; what is done before it, in commits of its own, and whether it need not wait; what it does.
Step = tuple[str, Callable[[Any, datetime], bool], Callable[[Any, datetime], Receipt]]


def go_on(work: Any, steps: Sequence[Step], *, at: datetime, tell: Callable[[], None] = lambda: None) -> bool:
    """Do the steps that are left, in order; return False where one has to wait. `tell` may raise to end the attempt."""
    for name, before, step in steps:
        tell()
        if work.steps.filter(step=name).exists():
            continue
        if not before(work, at):
            return False
        with transaction.atomic():
            # Of two who got here, one does the step; the other finds it done.
            work.refresh_from_db(from_queryset=type(work)._base_manager.select_for_update(no_key=True))
            if work.steps.filter(step=name).exists():
                continue
            receipt = step(work, at)
            work.steps.create(step=name, done_at=at, receipt=receipt)
            audit.record(f"{work._meta.label_lower}.step", subject=work, data={"step": name})
    return True
