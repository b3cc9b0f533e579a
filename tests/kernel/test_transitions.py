from __future__ import annotations

import threading
from itertools import product

import pytest
from django.db import connection, transaction
from django.db.models import F

from velluto import audit
from velluto.models import AuditEvent
from velluto.transitions import Stale, TransitionRefused, move

pytestmark = pytest.mark.django_db


def test_a_move_writes_the_status_its_time_the_fields_and_one_audit_row(parcel):
    move(parcel, "sent", actor="alice", reason="ready", carrier="snail", tries=F("tries") + 1, data={"weight": 3})

    stored = type(parcel).objects.get(pk=parcel.pk)
    for seen in (parcel, stored):
        assert (seen.status, seen.carrier, seen.tries) == ("sent", "snail", 1)
        assert seen.status_changed_at is not None
    row = AuditEvent.objects.get()
    assert (row.event, row.actor, row.reason) == ("tests.parcel.sent", "alice", "ready")
    assert (row.subject_type, row.subject_id) == ("tests.parcel", str(parcel.pk))
    assert row.data == {"from": "packed", "to": "sent", "weight": 3}


def test_a_move_may_have_an_event_name_of_its_own(parcel):
    move(parcel, "sent", actor=None, event="post.departed")
    assert AuditEvent.objects.get().event == "post.departed"


@pytest.mark.parametrize(("current", "to"), list(product(["packed", "sent", "lost"], repeat=2)))
def test_only_what_moves_names_is_possible(parcel, current, to):
    type(parcel).objects.update(status=current)
    parcel.refresh_from_db()
    if to in parcel.MOVES.get(current, ()):
        move(parcel, to, actor=None)
        assert parcel.status == to
        return
    with pytest.raises(TransitionRefused) as refusal:
        move(parcel, to, actor=None, carrier="snail")
    assert (refusal.value.code, refusal.value.status) == ("transition_refused", 409)
    assert (parcel.status, parcel.carrier) == (current, "")
    assert type(parcel).objects.get().status == current
    assert not AuditEvent.objects.exists()


def test_a_move_from_a_status_read_too_early_is_stale_and_changes_nothing(parcel):
    type(parcel).objects.update(status="lost")
    with pytest.raises(Stale) as refusal:
        move(parcel, "sent", actor=None, carrier="snail")
    assert (refusal.value.code, refusal.value.status) == ("stale", 409)
    assert (parcel.status, parcel.carrier) == ("packed", "")
    assert not AuditEvent.objects.exists()


def test_without_an_audit_row_nothing_moves(parcel, monkeypatch):
    def refuse(*args, **options):
        raise audit.AuditBroken

    monkeypatch.setattr(audit, "record", refuse)
    with pytest.raises(audit.AuditBroken), transaction.atomic():
        move(parcel, "sent", actor=None, carrier="snail")
    assert (parcel.status, parcel.carrier, parcel.status_changed_at) == ("packed", "", None)
    stored = type(parcel).objects.get()
    assert (stored.status, stored.carrier) == ("packed", "")


def test_values_that_were_not_saved_survive_a_move_that_does_not_name_them(parcel):
    parcel.carrier = "written, not saved"
    move(parcel, "sent", actor=None)
    assert parcel.carrier == "written, not saved"


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_move_at_once_one_wins(parcel):
    start, outcomes = threading.Barrier(8), []

    def attempt():
        mine = type(parcel).objects.get(pk=parcel.pk)
        start.wait()
        try:
            move(mine, "sent", actor=None)
            outcomes.append("moved")
        except Stale:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["moved"] + ["stale"] * 7
    assert AuditEvent.objects.filter(event="tests.parcel.sent").count() == 1
    assert audit.verify().intact
