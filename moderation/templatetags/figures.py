"""Say a figure as people read it."""

from __future__ import annotations

from datetime import timedelta

from django import template

from moderation.figures import Cell

register = template.Library()


@register.filter
def said(cell: Cell) -> str:
    """Return a count, a share, a time or a word for people."""
    if cell is None:
        return "–"
    if isinstance(cell, timedelta):
        hours = cell.total_seconds() / 3600
        if hours < 1:
            return f"{hours * 60:.0f} min"
        return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
    if isinstance(cell, float):
        return f"{cell:.0%}"
    return f"{cell:,}" if isinstance(cell, int) else cell
