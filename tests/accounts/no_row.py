"""How the operator's texts are recorded: see tests/test_no_row_no_action.py."""

from __future__ import annotations

from collections.abc import Callable

from accounts.texts import services
from tests.accounts.factories import make_user


def publish() -> Callable[[], object]:
    return lambda: services.publish(actor="operator:tests")


def accept() -> Callable[[], object]:
    user = make_user("reader@example.org")
    services.publish(actor="operator:tests")
    shown = {text.sha256 for text in services.missing(user)}
    return lambda: services.accept(user, shown=shown, ip_address=None, user_agent="a browser")


NAME = "accounts.texts.services"
ACTIONS = {f"{NAME}.publish": publish, f"{NAME}.accept": accept}
PARTS: dict[str, str] = {}
READS = {f"{NAME}.{name}" for name in ("rendered", "outdated", "missing")}
