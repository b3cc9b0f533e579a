"""The queue: what waits in the order of urgency, how much of what, and the next case at the press of a button."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.client import SignedIn
from accounts.models import User
from moderation import registry, services
from moderation.admin import care, numbers, words
from moderation.admin.doors import CLAIM, VIEW, posted
from moderation.admin.filters import ALL, DECIDED, AgeFilter, DueFilter, KindFilter, SeverityFilter, StateFilter
from moderation.forms import SavedViewForm
from moderation.models import Case, SavedView
from moderation.services import views
from velluto.admin import ReadOnlyAdmin
from velluto.errors import Refusal

SHORTEST_ID = 4  # hexadecimal digits that are looked up as the beginning of a case's id


class CaseQueue(ReadOnlyAdmin):
    """The list. No column can be sorted by and nothing is done to several cases at once: the queue has one order."""

    list_display = ["what", "severe", "due", "credible", "state", "opened"]
    list_filter = [StateFilter, KindFilter, SeverityFilter, DueFilter, AgeFilter]
    list_select_related = ["claimed_by"]
    list_per_page = 25
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = numbers.CappedPaginator
    search_fields = ["id"]  # that there is a search; get_search_results says what is searched
    search_help_text = (
        "The id of a case (its beginning is enough) or of what it is about, or an account's e-mail address"
    )
    actions = None

    @admin.display(description="What")
    def what(self, case: Case) -> SafeString:
        kind = registry.label(case.kind)
        return format_html('{}<span class="case-id">{} · {}</span>', case.title, kind, str(case.pk)[:8])

    @admin.display(description="Severity")
    def severe(self, case: Case) -> SafeString:
        return format_html('<span class="severity-{}">{}</span>', case.severity, case.get_severity_display())

    @admin.display(description="Due")
    def due(self, case: Case) -> SafeString | str:
        if case.status == Case.Status.DECIDED:
            return "–"
        now = timezone.now()
        late, at = "overdue" if case.due_at < now else "", f"{case.due_at:%Y-%m-%dT%H:%MZ}"
        return format_html('<time datetime="{}" class="{}">{}</time>', at, late, words.due(case, now))

    @admin.display(description="Credibility")
    def credible(self, case: Case) -> str:
        return f"{case.credibility} of 100"

    @admin.display(description="State")
    def state(self, case: Case) -> str:
        return words.state(case, timezone.now())

    @admin.display(description="Opened")
    def opened(self, case: Case) -> str:
        return words.ago(case.opened_at, timezone.now())

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        state = request.GET.get("state") or (ALL if request.GET.get("q") else "")
        if state == DECIDED:
            return ("-decided_at", "pk")
        return ("-opened_at", "pk") if state == ALL else Case.PRESSING

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Case], search_term: str
    ) -> tuple[QuerySet[Case], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if "@" in term:
            found = User.objects.filter(email=term.lower()).values_list("pk", flat=True)
            return queryset.filter(about__in=list(found)), False
        return queryset.filter(Q(subject_id=term) | _of_ids(term)), False

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("next/", view(self.next), name="moderation_case_next"),
            path("pause/", view(self.pause), name="moderation_case_pause"),
            path("views/", view(self.save_view), name="moderation_case_save_view"),
            path("views/<int:view_id>/forget/", view(self.forget_view), name="moderation_case_forget_view"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        now = timezone.now()
        care.note(request.session, now)
        context = {
            "title": "The queue",
            "is_nav_sidebar_enabled": False,
            "overview": numbers.overview(now),
            "saved_views": SavedView.objects.filter(moderator=request.user.pk),
            "view_form": SavedViewForm(),
            "may_claim": request.user.has_perm(CLAIM),
            "break_due": care.break_due(request.session, now),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @posted(CLAIM)
    def next(self, request: SignedIn) -> HttpResponse:
        """Claim the most pressing case and open it."""
        try:
            case = services.claim_next(actor=request.user)
        except Refusal as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
            return redirect("admin:moderation_case_changelist")
        return redirect("admin:moderation_case_change", case.pk)

    @posted(CLAIM)
    def pause(self, request: SignedIn) -> HttpResponse:
        """Give back all that one holds, to have a break."""
        for case in Case.objects.filter(status=Case.Status.CLAIMED, claimed_by=request.user):
            services.release(case, actor=request.user)
        self.message_user(request, "Have a break. What you held is back in the queue.", messages.SUCCESS)
        return redirect("admin:moderation_case_changelist")

    @posted(VIEW)
    def save_view(self, request: SignedIn) -> HttpResponse:
        form = SavedViewForm(request.POST)
        if not form.is_valid():
            self.message_user(request, "Give the view a name of at most 40 characters.", messages.ERROR)
            return redirect("admin:moderation_case_changelist")
        view = views.save(moderator=request.user, **form.cleaned_data)
        return redirect(f"{reverse('admin:moderation_case_changelist')}?{view.query}")

    @posted(VIEW)
    def forget_view(self, request: SignedIn, view_id: int) -> HttpResponse:
        views.forget(get_object_or_404(SavedView, pk=view_id, moderator=request.user))
        return redirect("admin:moderation_case_changelist")


def _of_ids(term: str) -> Q:
    """Match the cases whose id begins so."""
    digits = term.replace("-", "").lower()
    if not SHORTEST_ID <= len(digits) <= 32 or set(digits) - set("0123456789abcdef"):
        return Q(pk__in=[])
    return Q(pk__range=(UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))))
