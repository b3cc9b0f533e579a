"""What stands against an account, on its page of the admin, and the page on which a senior moderator lifts it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from accounts.admin import UserAdmin
from accounts.client import SignedIn
from accounts.models import Sanction, Strike, User
from moderation.models import Case, Decision
from takedowns.lifting import services
from takedowns.lifting.forms import LiftForm
from velluto.errors import Refusal

SEEN_BY = "accounts.view_sanction"
KINDS: dict[str, Any] = {"sanction": Sanction, "strike": Strike}


class LiftPages(UserAdmin):
    change_form_template = "admin/takedowns/account.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.lift)
        return [path("lift/<slug:what>/<uuid:given_id>/", view, name="accounts_user_lift"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {})}
        account = self.get_object(request, object_id)
        if account is not None and request.user.has_perm(SEEN_BY):
            context |= {"against": against(account), "may_lift": request.user.has_perm(services.SENIOR)}
        return super().change_view(request, object_id, form_url, context)

    def lift(self, request: SignedIn, what: str, given_id: UUID) -> HttpResponse:
        """Show what would be lifted and what follows; lift it, or propose that."""
        if not request.user.has_perms([SEEN_BY, services.SENIOR]):
            raise PermissionDenied
        given = get_object_or_404(KINDS.get(what, Sanction).objects.select_related("account"), pk=given_id)
        form, status = LiftForm(request.POST or None), 200
        if request.method == "POST" and form.is_valid():
            try:
                decision = services.lift(given, actor=request.user, **form.cleaned_data)
                return self._lifted(request, decision, given.account)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
        elif request.method == "POST":
            status = 422
        manner, follows = services.manner(given)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Lift: {services.name(given)}",
            "opts": self.opts,
            "account": given.account,
            "given": given,
            "name": services.name(given),
            "stands": services.stands(given),
            "manner": manner,
            "follows": follows,
            "form": form,
        }
        return TemplateResponse(request, "admin/takedowns/lift.html", context, status=status)

    def _lifted(self, request: SignedIn, decision: Decision, account: User) -> HttpResponse:
        if decision.status == Decision.Status.PROPOSED:
            messages.success(request, "Proposed. It stands until a second person approves the lifting.")
            return redirect("admin:moderation_case_change", decision.case_id)
        messages.success(request, "Lifted. The person is told the reason by e-mail.")
        return redirect("admin:accounts_user_change", account.pk)


def against(account: User) -> list[dict[str, Any]]:
    """Return all that was ever imposed on an account, the newest first, and whether it still stands."""
    now, rows = timezone.now(), []
    for what, model in KINDS.items():
        for one in model.objects.filter(account=account):
            since, ends = (one.starts_at, one.ends_at) if what == "sanction" else (one.given_at, one.expires_at)
            waits = Case.objects.about(one).filter(status=Case.Status.PROPOSED).first()
            rows.append(
                {
                    "what": what,
                    "given": one,
                    "name": services.name(one),
                    "since": since,
                    "until": ends,
                    "lifted_at": getattr(one, "lifted_at", None),
                    "stands": services.stands(one, at=now),
                    "proposal": waits,
                }
            )
    return sorted(rows, key=lambda row: row["since"], reverse=True)
