"""Reading the chain from its first row to its last, and saying where it breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection
from django.db.models import F, TextField
from django.db.models.functions import Cast

from velluto.audit import guards, triggers
from velluto.audit.chain import GENESIS, AuditBroken, digest_of
from velluto.audit.checkpoints import Checkpoint, checkpoint, kept_here, kept_in, trusted_keys
from velluto.audit.models import AuditEvent, AuditHead

COLUMNS = ("id", "at", "event", "actor", "subject_type", "subject_id", "reason", "text", "previous", "digest")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: a stable code, the row it concerns (None: the chain as a whole), a sentence."""

    code: str
    number: int | None
    sentence: str


@dataclass(slots=True)
class Report:
    """What a verification saw."""

    rows: int = 0
    digest: str = GENESIS
    checkpoints: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return not self.findings

    @property
    def first_broken(self) -> int | None:
        return min((finding.number for finding in self.findings if finding.number is not None), default=None)

    def add(self, code: str, number: int | None, sentence: str) -> None:
        self.findings.append(Finding(code, number, sentence))


def verify(checkpoints: Path | None = None, *, trusted: set[str] | None = None) -> Report:
    """Check tables and triggers, every row, the head, and the signed checkpoints in a directory and in the database.

    Other processes may append meanwhile. `trusted` are the public keys (hex) whose checkpoints count; by default those
    of the settings.
    """
    report = Report()
    for sentence in guards.diversions(connection):
        report.add("table", None, sentence)
    if guards.missing(connection):
        return report
    for problem in triggers.problems(connection):
        report.add("trigger", None, f"The trigger {problem}.")
    before = AuditHead.objects.filter(pk=1).first()
    _check_rows(report)
    after = AuditHead.objects.filter(pk=1).first()
    if before is None or after is None:
        report.add("head_missing", None, "The head row is gone.")
    elif report.intact or report.first_broken is None:
        _check_head(report, before, after)
    _check_checkpoints(report, checkpoints, trusted if trusted is not None else trusted_keys())
    return report


def verify_and_sign(directory: Path) -> Path | None:
    """Write a signed checkpoint into `directory`; None where the audit is empty. Raise AuditBroken where not intact."""
    has_checkpoints = directory.is_dir() and any(directory.glob("audit-*.json"))
    report = verify(directory if has_checkpoints else None)
    # A copy that is gone says nothing against the rows: those are signed on, and verify_audit goes on naming it.
    if any(finding.code != "checkpoint_missing" for finding in report.findings):
        raise AuditBroken("The audit is not intact, and is not signed: see manage.py verify_audit.")
    return checkpoint(directory)


def _check_rows(report: Report) -> None:
    rows = AuditEvent.objects.annotate(text=Cast(F("data"), TextField())).order_by("id").values_list(*COLUMNS)
    for number, stored in _readable(rows.iterator(chunk_size=2000), report):
        expected = report.rows + 1
        if number < expected:
            report.add("row_added", number, f"There is a row {number} after row {report.rows}: it was never recorded.")
            return
        if number != expected:
            gone = f"row {expected} is" if number == expected + 1 else f"rows {expected} to {number - 1} are"
            report.add("row_missing", expected, f"After row {report.rows}, {gone} missing.")
            return
        previous, digest = stored[-2:]
        if previous != report.digest:
            report.add("row_unlinked", number, f"Row {number} does not follow from row {number - 1}.")
            return
        if not _is_as_recorded(stored):
            report.add("row_changed", number, f"Row {number} is not what was recorded.")
            return
        report.rows, report.digest = number, digest


def _is_as_recorded(stored: tuple) -> bool:
    try:
        return digest_of(*stored[:-1]) == stored[-1]
    except (ValueError, TypeError, AttributeError):  # a value of another type than its column's: SQLite takes any
        return False


def _readable(rows: Iterator[tuple], report: Report) -> Iterator[tuple[int, tuple]]:
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except (ValueError, TypeError, AttributeError):
            report.add("row_changed", report.rows + 1, f"Row {report.rows + 1} cannot be read.")
            return
        yield row[0], row


def _check_head(report: Report, before: AuditHead, after: AuditHead) -> None:
    """Compare the last row seen with the head, which may have moved on while the rows were read."""
    if report.rows < before.number:
        report.add(
            "tail_cut",
            report.rows + 1,
            f"The head says {before.number} rows; there are {report.rows}: the tail was cut.",
        )
    elif report.rows > after.number:
        report.add("head_behind", after.number + 1, f"Row {after.number + 1} lies beyond the head.")
    else:
        for head in (before, after):
            if _digest_at(head.number) != head.digest:
                report.add("head_changed", head.number, f"The head does not match row {head.number}.")
                return


def _digest_at(number: int) -> str | None:
    if number == 0:
        return GENESIS
    return AuditEvent.objects.filter(pk=number).values_list("digest", flat=True).first()


def _check_checkpoints(report: Report, directory: Path | None, trusted: set[str]) -> None:
    here: list[Checkpoint] = list(kept_here())
    kept: list[Checkpoint | str] = [*here]
    if directory is not None:
        from_files = list(kept_in(directory))
        if not from_files:
            report.add("checkpoints_missing", None, f"{directory} holds no checkpoint.")
        else:
            _compare_copies(report, here, [one for one in from_files if isinstance(one, Checkpoint)])
        kept += from_files
    for one in kept:
        if isinstance(one, str):
            report.add("checkpoint_unreadable", None, f"The checkpoint {one} cannot be read.")
            continue
        report.checkpoints += 1
        if not one.is_signed_by(trusted):
            report.add(
                "checkpoint_forged",
                None,
                f"The checkpoint at {one.number} ({one.source}) is not signed by a trusted key.",
            )
            continue
        found = _digest_at(one.number)
        if found is None:
            report.add(
                "tail_cut",
                one.number,
                f"Row {one.number}, signed at {one.at} ({one.source}), is gone: a cut tail or an older copy.",
            )
        elif found != one.digest:
            report.add(
                "history_rewritten",
                one.number,
                f"Row {one.number} is not the one signed at {one.at} ({one.source}): rewritten there or before.",
            )


def _compare_copies(report: Report, here: list[Checkpoint], files: list[Checkpoint]) -> None:
    """Name the checkpoints of which one copy is gone: each is a file and a row of the database."""
    for kept, copies, place in ((here, files, "no file"), (files, here, "no row in the database")):
        known = {(one.number, one.digest) for one in copies}
        for number in sorted({one.number for one in kept if (one.number, one.digest) not in known}):
            report.add("checkpoint_missing", None, f"Of the checkpoint at {number} there is {place} (any more).")
