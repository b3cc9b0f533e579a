"""Each kind of object that is kept, declared once: for the sweep, the published schedule, and what people are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from takedowns.retention.policies import Facts, Rule


@dataclass(frozen=True)
class Kind:
    """What is kept, why, and how long.

    `due` finds the ids of those that may be over, cheaply; `facts` says all that is known of one, None where it is
    gone; `destroy` calls the service of the app that it belongs to. A kind without `destroy` ends as `by` says. `of`
    counts what there is of an account. What ends by a revocation gets its certificate there
    (`certified_there`). `tables` are the models that hold it; a test asks for each model where it belongs.
    """

    code: str
    label: str
    why: str
    rule: Rule
    by: str = "Deleted by itself, every night"
    due: Callable[[datetime], Iterable[UUID]] | None = None
    facts: Callable[[UUID, datetime], Facts | None] | None = None
    destroy: Callable[[UUID, datetime], object] | None = None
    of: Callable[[User], int] | None = None
    certified_there: bool = False
    tables: str = ""


def kinds() -> tuple[Kind, ...]:
    """Return all kinds, in the order in which they are published."""
    from takedowns.retention.kinds import KINDS  # they know the models, which are not there when apps are loaded

    return KINDS


def kind(code: str) -> Kind:
    return next(one for one in kinds() if one.code == code)
