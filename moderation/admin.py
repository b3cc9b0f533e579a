"""The queue in the admin: moderators claim a case, look at its dossier, and decide."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from accounts.client import SignedIn
from moderation import registry, services
from moderation.forms import DecisionForm
from moderation.models import Case, Decision, PolicySection
from velluto.admin import ReadOnlyAdmin
from velluto.errors import Refusal


class WaitingFilter(admin.SimpleListFilter):
    title = "waiting"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "Claimed by me"), ("decided", "Decided"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "Waiting",
        }
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "mine":
            return queryset.filter(status=Case.Status.CLAIMED, claimed_by=request.user)
        if self.value() == "decided":
            return queryset.filter(status=Case.Status.DECIDED)
        return queryset if self.value() == "all" else queryset.waiting()


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ["title", "about", "severity", "status", "due", "claimed_by", "opened_at"]
    list_filter = [WaitingFilter, "severity"]
    ordering = ["due_at", "-severity"]

    @admin.display(description="Due", ordering="due_at")
    def due(self, case: Case) -> str:
        late = case.status != Case.Status.DECIDED and case.due_at < timezone.now()
        return f"{timezone.localtime(case.due_at):%d %b %H:%M}{' (overdue)' if late else ''}"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:case_id>/claim/", view(self.claim), name="moderation_case_claim"),
            path("<uuid:case_id>/release/", view(self.release), name="moderation_case_release"),
            path("<uuid:case_id>/decide/", view(self.decide), name="moderation_case_decide"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        case = self.get_object(request, object_id)
        if case is None:
            return super().change_view(request, object_id, form_url, extra_context)
        if not self.has_view_permission(request, case):
            raise PermissionDenied
        return self._page(cast(SignedIn, request), case, DecisionForm(question=registry.question(case.kind)))

    def claim(self, request: SignedIn, case_id: str) -> HttpResponse:
        return self._act(request, case_id, lambda case: services.claim(case, actor=request.user))

    def release(self, request: SignedIn, case_id: str) -> HttpResponse:
        return self._act(request, case_id, lambda case: services.release(case, actor=request.user))

    def decide(self, request: SignedIn, case_id: str) -> HttpResponse:
        """Decide; where the decision is refused, nothing that was typed is lost."""
        case = get_object_or_404(Case, pk=case_id)
        if request.method != "POST" or not request.user.has_perm("moderation.decide_case"):
            raise PermissionDenied
        form = DecisionForm(request.POST, question=registry.question(case.kind))
        if form.is_valid():
            try:
                services.decide(case, actor=request.user, **form.cleaned_data)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, "Decided. The person is told the reason by e-mail.", messages.SUCCESS)
                return redirect("admin:moderation_case_changelist")
        case.refresh_from_db()
        return self._page(request, case, form, status=422)

    def _act(self, request: SignedIn, case_id: str, verb: Any) -> HttpResponse:
        case = get_object_or_404(Case, pk=case_id)
        if request.method != "POST" or not request.user.has_perm("moderation.decide_case"):
            raise PermissionDenied
        try:
            verb(case)
        except Refusal as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        return HttpResponseRedirect(reverse("admin:moderation_case_change", args=[case.pk]))

    def _page(self, request: SignedIn, case: Case, form: DecisionForm, status: int = 200) -> HttpResponse:
        question = registry.question(case.kind)
        context = {
            **self.admin_site.each_context(request),
            **question.dossier(case),
            "title": case.title,
            "opts": self.opts,
            "case": case,
            "question": question,
            "decision": Decision.objects.filter(case=case).select_related("section", "decided_by").first(),
            "mine": case.status == Case.Status.CLAIMED and case.claimed_by_id == request.user.pk,
            "form": form,
        }
        return TemplateResponse(request, "moderation/case.html", context, status=status)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ["case", "choice", "section", "decided_by", "decided_at"]
    list_filter = ["choice", "section"]


@admin.register(PolicySection)
class PolicySectionAdmin(ReadOnlyAdmin):
    list_display = ["code", "title"]
