"""The transparency report: the same figures as the dashboard's, for everybody to read."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from moderation import figures, policies
from moderation.figures import Cell, Period, Table

FEW = "1 to 4"
WITHHELD = "withheld"


def tables(period: Period) -> list[Table]:
    """Return what is published about a period."""
    accounts = User.objects.count()
    return [published(table, accounts=accounts) for table in figures.tables(period)]


def published(table: Table, *, accounts: int) -> Table:
    """Return a table as outsiders may read it: in a small house, small counts could point at somebody."""
    return replace(table, rows=tuple(_row(row, accounts) for row in table.rows))


def _row(row: tuple[Cell, ...], accounts: int) -> tuple[Cell, ...]:
    few = [isinstance(cell, int) and not policies.publishable(cell, accounts=accounts) for cell in row]
    if not any(few):
        return row
    return tuple(
        FEW if small else WITHHELD if isinstance(cell, (float, timedelta)) else cell
        for cell, small in zip(row, few, strict=True)
    )


def write(period: Period, folder: Path) -> list[Path]:
    """Write the report as a page and as a table of values; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    found = tables(period)
    page, values, sheet = (folder / name for name in ("transparency.html", "transparency.csv", "velluto.css"))
    context = {"period": period, "tables": found, "made_on": timezone.localdate()}
    page.write_text(render_to_string("moderation/transparency.html", context), encoding="utf-8")
    with values.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_lines(found))
    style = finders.find("velluto/velluto.css")
    assert isinstance(style, str)
    sheet.write_bytes(Path(style).read_bytes())
    return [page, values, sheet]


def _lines(found: Iterable[Table]) -> Iterable[tuple[object, ...]]:
    """Yield a line for each value: counts and shares as numbers, times in seconds."""
    yield "table", "row", "column", "value"
    for table in found:
        for row in table.rows:
            name = " ".join(str(cell) for cell in row[: table.names])
            for head, cell in zip(table.head[table.names :], row[table.names :], strict=True):
                value = cell.total_seconds() if isinstance(cell, timedelta) else cell
                yield table.code, name, head, "" if value is None else value
