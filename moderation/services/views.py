"""Selections of the queue that moderators keep for themselves; they concern nobody else, and leave no audit row."""

from __future__ import annotations

from django.http import QueryDict

from accounts.models import User
from moderation.models import SavedView

KEPT = ("state", "kind", "severity", "age", "due")  # not the search: it may hold somebody's e-mail address


def save(*, moderator: User, name: str, query: str) -> SavedView:
    """Keep the filters of an address under a name; the same name again replaces them."""
    given, kept = QueryDict(query), QueryDict(mutable=True)
    for key in KEPT:
        if key in given:
            kept[key] = given[key]
    view, _ = SavedView.objects.update_or_create(
        moderator=moderator, name=name.strip(), defaults={"query": kept.urlencode()[:200]}
    )
    return view


def forget(view: SavedView) -> None:
    view.delete()
