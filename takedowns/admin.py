"""Where staff ask about an account, see what was imposed on it, and how voices end."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path

from accounts.client import SignedIn
from accounts.models import Sanction, User
from takedowns import conduct
from takedowns.demands import admin as demand_admin  # noqa: F401  (found through this module)
from takedowns.legal import admin as legal_admin  # noqa: F401  (found through this module)
from takedowns.lifting.pages import LiftPages
from takedowns.models import Deadline, Destruction, PoliceReferral, PrivacyRequest, Revocation
from takedowns.notices import admin as of_notices  # noqa: F401  (its pages register themselves)
from takedowns.privacy import services as privacy
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


@admin.register(Destruction)
class DestructionAdmin(ReadOnlyAdmin):
    """What was destroyed because its time was over, with the certificates."""

    list_display = ["kind", "count", "destroyed_at", "id"]
    list_filter = ["kind"]
    date_hierarchy = "destroyed_at"
    fields = ["id", "kind", "count", "destroyed_at", "certificate"]


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(ReadOnlyAdmin):
    """What people asked for about their own data, and how far it is. Who asks stands in the case alone."""

    list_display = ["id", "kind", "by", "status", "received_at", "due_at", "finished_at"]
    list_filter = ["status", "kind", "by"]
    search_fields = ["=id", "=account__id"]
    date_hierarchy = "received_at"
    fields = ["id", "kind", "by", "account_id", "status", "received_at", "due_at", "proven_at", "finished_at",
              "until", "fetched_at", "certificate"]  # fmt: skip

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        there = path("<uuid:request_id>/document/", view(self.document), name="takedowns_privacyrequest_document")
        return [there, *super().get_urls()]

    def document(self, request: SignedIn, request_id: str) -> HttpResponse:
        """Hand over a power of attorney as a file, never as a page."""
        if not request.user.has_perm("moderation.decide_case"):
            raise PermissionDenied
        asked = get_object_or_404(PrivacyRequest.objects.exclude(document=""), pk=request_id)
        return HttpResponse(
            privacy.read_document(asked, actor=request.user),
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="authority-{asked.pk.hex[:8]}.{asked.document_type}"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )
