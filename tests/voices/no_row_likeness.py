"""How what voices sound like is recorded; see tests/test_no_row_no_action.py."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from tests import factories
from tests.accounts.factories import make_user
from voices import services as voices


def keep_resemblances() -> Callable[[], object]:
    voice, other = factories.declared_voice(), factories.declared_voice(make_user(full_name="Winifred Quill"))
    return lambda: voices.keep_resemblances(voice, {other.pk: 0.9}, at=timezone.now())


ACTIONS = {"voices.services.keep_resemblances": keep_resemblances}
PARTS: dict[str, str] = {}
READS: set[str] = set()
