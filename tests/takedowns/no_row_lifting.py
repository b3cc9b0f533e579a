"""How the lifting of sanctions is recorded."""

from __future__ import annotations

from collections.abc import Callable

from accounts import sanctions
from takedowns.lifting import services
from tests import factories
from tests.accounts.factories import make_user


def lift() -> Callable[[], object]:
    senior = factories.moderator(role="senior moderator")
    sanction = sanctions.suspend(make_user(), lasts=None, section="9", reason="So.", actor=senior)
    return lambda: services.lift(sanction, section="9", reason="It was somebody else.", actor=senior)


ACTIONS = {"takedowns.lifting.services.lift": lift}
PARTS: dict[str, str] = {}
READS = {f"takedowns.lifting.services.{name}" for name in ("manner", "name", "stands")}
