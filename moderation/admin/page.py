"""The page of a case: what is known, who holds it, what may be decided, and what was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from accounts.client import SignedIn
from moderation import registry, services
from moderation.admin import care, dossier
from moderation.admin.doors import APPROVE, CLAIM, posted
from moderation.forms import DecisionForm, HandOverForm, SecondForm
from moderation.models import Case, Decision
from velluto.admin import ReadOnlyAdmin
from velluto.errors import Refusal


class CasePage(ReadOnlyAdmin):
    def get_urls(self) -> list[Any]:
        verbs = {
            "claim": self.claim,
            "keep": self.keep,
            "release": self.release,
            "hand-over": self.hand_over,
            "decide": self.decide,
            "second": self.second,
        }
        view = self.admin_site.admin_view
        return [
            *(
                path(f"<uuid:case_id>/{verb}/", view(act), name=f"moderation_case_{verb.replace('-', '_')}")
                for verb, act in verbs.items()
            ),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        case = self.get_object(request, object_id)
        if case is None or not registry.is_known(case.kind):  # a kind that is gone has its fields to show, no more
            return super().change_view(request, object_id, form_url, extra_context)
        if not self.has_view_permission(request, case):
            raise PermissionDenied
        return self._page(cast(SignedIn, request), case)

    # ------------------------------------------------------------------------------------------------ holding it

    @posted(CLAIM)
    def claim(self, request: SignedIn, case_id: str) -> HttpResponse:
        return self._act(request, case_id, lambda case: services.claim(case, actor=request.user))

    @posted(CLAIM)
    def release(self, request: SignedIn, case_id: str) -> HttpResponse:
        return self._act(request, case_id, lambda case: services.release(case, actor=request.user))

    @posted(CLAIM)
    def keep(self, request: SignedIn, case_id: str) -> JsonResponse:
        """Renew the claim of somebody who is at work; say until when it is his, or why it is not."""
        case = get_object_or_404(Case, pk=case_id)
        care.note(request.session, timezone.now())
        try:
            ends_at = services.keep(case, actor=request.user)
        except Refusal as refusal:
            return JsonResponse({"error": refusal.as_dict()}, status=refusal.status)
        return JsonResponse({"ends_at": ends_at.isoformat(), "until": f"{timezone.localtime(ends_at):%H:%M}"})

    @posted(CLAIM)
    def hand_over(self, request: SignedIn, case_id: str) -> HttpResponse:
        case = get_object_or_404(Case, pk=case_id)
        form = HandOverForm(request.POST, case=case, question=registry.question(case.kind), giver=request.user)
        if not form.is_valid():
            return self._page(request, case, hand_over=form, status=422)
        to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
        said = f"{to.get_short_name()} has it now."
        return self._act(
            request, case_id, lambda case: services.hand_over(case, to=to, actor=request.user, reason=reason), said
        )

    def _act(self, request: SignedIn, case_id: str, verb: Callable[[Case], None], said: str = "") -> HttpResponse:
        case = get_object_or_404(Case, pk=case_id)
        try:
            verb(case)
        except Refusal as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            if said:
                self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:moderation_case_change", case.pk)

    # ------------------------------------------------------------------------------------------------ deciding it

    def decide(self, request: SignedIn, case_id: str) -> HttpResponse:
        """Preview or decide; where that is refused, nothing that was typed is lost."""
        case = get_object_or_404(Case, pk=case_id)
        question = registry.question(case.kind)
        may = self.has_view_permission(request, case) and question.open_to(request.user)
        if request.method != "POST" or not may:
            raise PermissionDenied
        form = DecisionForm(request.POST, question=question, decider=request.user, case=case)
        if not form.is_valid():
            return self._page(request, case, form=form, status=422)
        given = form.cleaned_data
        status, preview = 200, None
        try:
            if "preview" in request.POST:
                said = {key: given[key] for key in ("choice", "section", "reason")}
                preview = services.preview(case, actor=request.user, **said)
            else:
                decision = services.decide(case, actor=request.user, **given)
                proposed = decision.status == Decision.Status.PROPOSED
                self.message_user(request, PROPOSED if proposed else _told(decision), messages.SUCCESS)
                return redirect("admin:moderation_case_changelist")
        except services.CaseChanged:
            status = services.CaseChanged.status  # the page says what changed
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
        return self._page(request, case, form=form, preview=preview, status=status)

    @posted(APPROVE)
    def second(self, request: SignedIn, case_id: str) -> HttpResponse:
        """Approve or decline, as the second person, what another one proposed."""
        case = get_object_or_404(Case, pk=case_id)
        form = SecondForm(request.POST, auto_id="second_%s")
        if not form.is_valid():
            return self._page(request, case, second=form, status=422)
        declines = "decline" in request.POST
        if declines and not form.cleaned_data["reason"].strip():
            form.add_error("reason", "Say why: the case goes back to the queue with it.")
            return self._page(request, case, second=form, status=422)
        try:
            act = services.decline if declines else services.approve
            decision = act(case, actor=request.user, **form.cleaned_data)
        except services.CaseChanged:
            return self._page(request, case, second=form, status=services.CaseChanged.status)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self._page(request, case, second=form, status=refusal.status)
        self.message_user(request, DECLINED if declines else _told(decision), messages.SUCCESS)
        return redirect("admin:moderation_case_change", case.pk)

    # ------------------------------------------------------------------------------------------------ showing it

    def _page(
        self,
        request: SignedIn,
        case: Case,
        *,
        form: DecisionForm | None = None,
        second: SecondForm | None = None,
        hand_over: HandOverForm | None = None,
        preview: services.Preview | None = None,
        status: int = 200,
    ) -> HttpResponse:
        now, seen = timezone.now(), services.seen_now()  # before anything is read: what comes after it is news
        case.refresh_from_db()
        question, user = registry.question(case.kind), request.user
        changes: tuple[str, ...] = ()
        sent = form or second
        if sent is not None and "seen" in getattr(sent, "cleaned_data", {}):
            last = sent.cleaned_data["seen"]
            changes = dossier.changes(case, last, reader=user)
            seen = seen if changes else last  # what has just been shown as news is known from now on
        known = question.dossier(case)
        mine = case.status == Case.Status.CLAIMED and case.claimed_by_id == user.pk
        sensitive = question.sensitive or bool(known.get("sensitive"))
        care.note(request.session, now, sensitive=str(case.pk) if sensitive else "")
        if form is None and mine and question.open_to(user):
            form = DecisionForm(question=question, decider=user, case=case)
        if mine and hand_over is None:
            hand_over = HandOverForm(case=case, question=question, giver=user)
        context = {
            **self.admin_site.each_context(request),
            **known,
            **dossier.about(case, now, reader=user),
            "title": case.title,
            "opts": self.opts,
            "is_nav_sidebar_enabled": False,  # the width is for the case
            "case": case,
            "question": question,
            "sensitive": sensitive,
            "mine": mine,
            "may_claim": user.has_perm(CLAIM),
            "seen": seen,
            "changes": changes,
            "form": form,  # also where the case is somebody else's by now: what was typed stays
            "choices": dossier.choices(case, form) if form else [],
            "preview": preview,
            "preview_letter": dossier.letter(preview.statement) if preview and preview.statement else None,
            "second_form": second or SecondForm(auto_id="second_%s"),
            "hand_over": hand_over,
            "break_due": care.break_due(request.session, now),
        }
        return TemplateResponse(request, "moderation/case.html", context, status=status)


PROPOSED = "Proposed. Nothing happens until a second person approves it."
DECLINED = "Declined. The case is back in the queue; the proposal stays on record."


def _told(decision: Decision) -> str:
    return "Decided. The person is told the reason by e-mail." if decision.statements.exists() else "Decided."
