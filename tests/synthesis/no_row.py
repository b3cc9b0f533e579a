"""How freezes are recorded: see tests/test_no_row_no_action.py."""

from __future__ import annotations

from collections.abc import Callable

from synthesis.freezes import services as freezes
from synthesis.models import Freeze
from tests import factories


def a_freeze() -> Freeze:
    return freezes.freeze(scope="everything", actor="operator:tests", reason="Something is wrong.")


def proposed() -> Freeze:
    placed = a_freeze()
    freezes.propose_lifting(placed, actor=factories.moderator("first@example.org"), reason="It is right again.")
    return placed


def on(state: Callable[[], Freeze], verb: Callable[..., object], **options: object) -> Callable[[], object]:
    def prepare() -> Callable[[], object]:
        frozen, actor = state(), factories.moderator("second@example.org")
        return lambda: verb(Freeze.objects.get(pk=frozen.pk), actor=actor, **options)

    return prepare


NAME = "synthesis.freezes.services"
ACTIONS = {
    f"{NAME}.freeze": lambda: a_freeze,
    f"{NAME}.propose_lifting": on(a_freeze, freezes.propose_lifting, reason="It is right again."),
    f"{NAME}.keep": on(proposed, freezes.keep, reason="It is not."),
    f"{NAME}.lift": on(proposed, freezes.lift),
}
PARTS: dict[str, str] = {}
READS = {f"{NAME}.require_none"}
