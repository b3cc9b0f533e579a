"""The moderators' desk: the queue, the page of a case, and the records, to read."""

from __future__ import annotations

from django.contrib import admin

from moderation.admin import records  # noqa: F401  (registers its pages)
from moderation.admin.page import CasePage
from moderation.admin.queue import CaseQueue
from moderation.models import Case


@admin.register(Case)
class CaseAdmin(CasePage, CaseQueue):
    """Cases: a list in the order of urgency, and a page for each."""


from moderation import nogo_admin  # noqa: E402, F401 - the custodians' pages are found with these
