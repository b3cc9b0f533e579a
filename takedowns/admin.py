"""Where staff ask about an account, see what was imposed on it, and how voices end."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Sanction, User
from takedowns import conduct
from takedowns.demands import admin as demand_admin  # noqa: F401  (found through this module)
from takedowns.legal import admin as legal_admin  # noqa: F401  (found through this module)
from takedowns.lifting.pages import LiftPages
from takedowns.models import Deadline, PoliceReferral, Revocation
from takedowns.notices import admin as of_notices  # noqa: F401  (its pages register themselves)
from takedowns.requests import admin as requests  # noqa: F401 - its pages are found here
from velluto.admin import ReadOnlyAdmin

admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(LiftPages):
    """An account, what stands against it, and the way to ask the moderators about it."""

    actions = [*(LiftPages.actions or []), "ask_about_conduct"]

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("moderation.decide_case")

    @admin.action(description="Ask moderators about what the account did", permissions=["ask"])
    def ask_about_conduct(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for account in queryset:
            conduct.question(account, title="What an account did", reason=f"asked by staff ({request.user.pk})")
        messages.success(request, f"{len(queryset)} accounts stand in the queue.")


@admin.register(Sanction)
class SanctionAdmin(ReadOnlyAdmin):
    """What was imposed on accounts, until when, and what was lifted."""

    list_display = ["kind", "account_id", "section", "starts_at", "ends_at", "lifted_at"]
    list_filter = ["kind", "section"]
    search_fields = ["=account__id", "=decision_id"]
    date_hierarchy = "starts_at"
    fields = ["kind", "account_id", "section", "reason", "decision_id", "starts_at", "ends_at", "lifted_at"]


@admin.register(PoliceReferral)
class PoliceReferralAdmin(ReadOnlyAdmin):
    """What was referred to the police, with the file of facts."""

    list_display = ["id", "status", "account_id", "made_at", "sha256"]
    list_filter = ["status"]
    fields = ["id", "status", "account_id", "notice", "decision_id", "made_at", "facts", "sha256"]


@admin.register(Revocation)
class RevocationAdmin(ReadOnlyAdmin):
    """Voices that end or ended, and which are late."""

    list_display = ["id", "voice", "by", "status", "received_at", "due_at", "overdue_at", "finished_at"]
    list_filter = ["status", "by"]
    date_hierarchy = "received_at"
    fields = ["id", "voice", "by", "status", "received_at", "due_at", "overdue_at", "finished_at", "certificate"]


@admin.register(Deadline)
class DeadlineAdmin(ReadOnlyAdmin):
    """What is due by when, and what was late."""

    list_display = ["kind", "subject_type", "subject_id", "received_at", "due_at", "met_at", "breached_at"]
    list_filter = ["kind", ("breached_at", admin.EmptyFieldListFilter), ("met_at", admin.EmptyFieldListFilter)]
    search_fields = ["=subject_id"]
    date_hierarchy = "due_at"
    fields = ["kind", "subject_type", "subject_id", "received_at", "due_at", "met_at", "breached_at"]
