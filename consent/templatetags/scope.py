"""Say a scope in words."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from velluto import engines

register = template.Library()


@register.filter
def language_name(code: str) -> str:
    """Return the name of a language; one the engine no longer speaks by its code."""
    return engines.speech().languages.get(code, code)


@register.filter
def language_names(codes: Iterable[str]) -> str:
    """Return the names of languages, one the engine no longer speaks by its code."""
    spoken = engines.speech().languages
    return ", ".join(sorted(spoken.get(code, code) for code in codes))
