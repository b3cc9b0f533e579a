"""Appending to the chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.utils import timezone

from velluto.audit.guards import EVENTS, HEAD
from velluto.audit.models import AuditEvent, canonical

GENESIS = "0" * 64
LARGEST_DATA = 8192  # characters of canonical JSON: facts, not documents


class OutsideTransaction(RuntimeError):
    """`record` was called outside a transaction, where its row and the action could part."""


class AuditBroken(RuntimeError):
    """The chain has no end to append to, so nothing may be done."""


def record(
    event: str,
    *,
    actor: models.Model | str | None = None,
    subject: models.Model | None = None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Append one row to the audit, inside the transaction of the action it describes.

    The end of the chain stays locked until that transaction ends, and every other writer waits for it: record last,
    after the slow part. `actor` is an account, None for the system itself, or a name such as "voice-owner:<id>".

    Raises OutsideTransaction, AuditBroken, and ValueError for data that is too large or no JSON.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{event}: an audit row is written inside the transaction of its action.")
    facts = canonical(data or {})
    if len(facts) > LARGEST_DATA:
        raise ValueError(f"{event}: {len(facts)} characters of data; the audit takes {LARGEST_DATA}.")
    row = AuditEvent(
        event=event,
        actor=name_of(actor),
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        reason=reason,
        data=json.loads(facts),
    )
    with connection.cursor() as cursor:
        _append(cursor, row, facts)
    row._state.adding, row._state.db = False, connection.alias
    return row


# What is locked is waited for by everybody, so there is nothing between the lock and the row but a digest.
_LOCK = f"SELECT number, digest FROM {HEAD} WHERE id = 1"  # noqa: S608  (constants alone)
_COLUMNS = ("id", "at", "event", "actor", "subject_type", "subject_id", "reason", "data", "previous", "digest")
_INSERT = f"INSERT INTO {EVENTS} ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"  # noqa: S608
_MOVE = f"UPDATE {HEAD} SET number = %s, digest = %s WHERE id = 1"  # noqa: S608
_INSERT_AND_MOVE = f"WITH added AS ({_INSERT} RETURNING id) {_MOVE} AND EXISTS (SELECT 1 FROM added)"  # noqa: S608


def _append(cursor: Any, row: AuditEvent, facts: str) -> None:
    """Lock the end of the chain, write the row behind it, and move the end on."""
    one_statement = connection.vendor == "postgresql"
    cursor.execute(_LOCK + " FOR UPDATE" if one_statement else _LOCK)
    head = cursor.fetchone()
    if head is None:
        raise AuditBroken(
            "The audit has no head row. Run `manage.py verify_audit`; nothing is done until this is settled."
        )
    row.id, row.at, row.previous = head[0] + 1, timezone.now(), head[1]
    row.digest = digest_of(
        row.id, row.at, row.event, row.actor, row.subject_type, row.subject_id, row.reason, facts, row.previous
    )
    values = [getattr(row, name) for name in _COLUMNS]
    values[_COLUMNS.index("at")] = connection.ops.adapt_datetimefield_value(row.at)
    values[_COLUMNS.index("data")] = facts
    if one_statement:
        cursor.execute(_INSERT_AND_MOVE, [*values, row.id, row.digest])
        written = cursor.rowcount
    else:
        cursor.execute(_INSERT, values)
        written = cursor.rowcount
        cursor.execute(_MOVE, [row.id, row.digest])
        written = min(written, cursor.rowcount)
    if written != 1:  # something in the database swallowed it
        raise AuditBroken("The audit took no row. Run `manage.py verify_audit`; nothing is done until this is settled.")


def name_of(actor: models.Model | str | None) -> str:
    """Return how the audit writes an actor: "system", "account:<pk>", or the name as given."""
    if actor is None:
        return "system"
    if isinstance(actor, str):
        return actor
    if actor.pk is None:
        raise ValueError("Somebody who is not signed in is no actor: name what vouches for the person instead.")
    return f"account:{actor.pk}"


def digest_of(
    number: int,
    at: datetime,
    event: str,
    actor: str,
    subject_type: str,
    subject_id: str,
    reason: str,
    facts: str,
    previous: str,
) -> str:
    """Return the SHA-256 (hex) of a row and of everything before it; `facts` is the row's data as stored."""
    row = {
        "v": 1,
        "number": number,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "event": event,
        "actor": actor,
        "subject": [subject_type, subject_id],
        "reason": reason,
        "data": facts,
        "previous": previous,
    }
    return hashlib.sha256(canonical(row).encode("ascii")).hexdigest()
