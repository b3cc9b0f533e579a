from __future__ import annotations

from itertools import product

import pytest

from accounts.models import MOVES, Status, User
from tests.accounts.factories import make_user
from velluto.audit.models import AuditEvent
from velluto.transitions import TransitionRefused, move

pytestmark = pytest.mark.django_db
PAIRS = list(product(Status.values, Status.values))


def account_that_is(status: str) -> User:
    user = make_user()
    if status != Status.ACTIVE:
        move(user, status, actor=None, reason="for the test")
    return user


@pytest.mark.parametrize(("current", "to"), [pair for pair in PAIRS if pair[1] in MOVES[pair[0]]])
def test_a_move_that_is_allowed_is_made_and_remembered_with_its_reason(current, to):
    user = account_that_is(current)
    staff = make_user(staff=True)
    move(user, to, actor=staff, reason="Policy section 9")
    user.refresh_from_db()
    assert user.status == to
    row = AuditEvent.objects.get(event=f"accounts.user.{to}", actor=f"account:{staff.pk}")
    assert (row.subject_id, row.reason) == (str(user.pk), "Policy section 9")


@pytest.mark.parametrize(("current", "to"), [pair for pair in PAIRS if pair[1] not in MOVES[pair[0]]])
def test_every_other_move_is_refused(current, to):
    user = account_that_is(current)
    with pytest.raises(TransitionRefused):
        move(user, to, actor=None, reason="for the test")
    user.refresh_from_db()
    assert user.status == current
