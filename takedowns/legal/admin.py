"""The pages of whoever answers legal requests: enter one, see where it stands, fetch its bundle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from accounts.client import SignedIn
from moderation import history
from moderation.admin.doors import APPROVE
from moderation.models import Case
from takedowns.legal import services
from takedowns.legal.decisions import ANSWER
from takedowns.legal.forms import ChangeNoticeForm, HoldForm, LegalRequestForm
from takedowns.models import LegalRequest
from velluto import links, parts
from velluto.admin import ReadOnlyAdmin
from velluto.errors import Refusal


@admin.register(LegalRequest)
class LegalRequestAdmin(ReadOnlyAdmin):
    """Legal requests: what authorities asked for, and what they were given."""

    change_list_template = "takedowns/legal/list.html"
    list_display = ["id", "authority", "reference", "scope", "status", "received_on", "destroy_at", "told_at"]
    list_filter = ["status", "scope"]
    search_fields = ["=id", "authority", "reference", "=subject_id", "=account__email"]
    date_hierarchy = "entered_at"

    def get_urls(self) -> list[Any]:
        verbs: dict[str, Callable[..., HttpResponseBase]] = {
            "notice": self.notice,
            "lift-hold": self.lift_hold,
            "bundle": self.bundle,
            "document": self.document,
        }
        view = self.admin_site.admin_view
        return [
            path("new/", view(self.new), name="takedowns_legalrequest_new"),
            *(
                path(f"<uuid:legal_id>/{verb}/", view(act), name=f"takedowns_legalrequest_{verb.replace('-', '_')}")
                for verb, act in verbs.items()
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "may_enter": request.user.has_perm(ANSWER)})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        legal = self.get_object(request, object_id)
        if legal is None:
            return super().change_view(request, object_id, form_url, extra_context)
        if request.method != "GET" or not self.has_view_permission(request, legal):
            raise PermissionDenied
        return self._page(cast(SignedIn, request), legal)

    def new(self, request: HttpRequest) -> HttpResponse:
        asked = _require(request)
        posted = request.method == "POST"
        form = LegalRequestForm(request.POST, request.FILES) if posted else LegalRequestForm()
        if posted and form.is_valid():
            given = {name: value for name, value in form.cleaned_data.items() if name != "notice"}
            given["document"] = given["document"].read()
            try:
                legal = services.receive(**given, actor=asked.user)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                held = "Its records are on hold. " if legal.hold_id else ""
                self.message_user(request, f"Entered. {held}It stands in the queue now.", messages.SUCCESS)
                return redirect("admin:takedowns_legalrequest_change", legal.pk)
        return self._show(
            request, "takedowns/legal/new.html", "A new legal request", 422 if form.errors else 200, form=form
        )

    def notice(self, request: HttpRequest, legal_id: str) -> HttpResponse:
        """Let the customer be told, or not yet."""
        asked, legal = _require(request, post=True), get_object_or_404(LegalRequest, pk=legal_id)
        form = ChangeNoticeForm(request.POST)
        if form.is_valid():
            given = {name: form.cleaned_data[name] for name in ("may_tell", "silent_until", "reason")}
            return self._act(asked, legal, lambda: services.change_notice(legal, **given, actor=asked.user), "Noted.")
        return self._page(asked, legal, notice=form, status=422)

    def lift_hold(self, request: HttpRequest, legal_id: str) -> HttpResponse:
        """Let the records go their way again."""
        asked, legal = _require(request, post=True), get_object_or_404(LegalRequest, pk=legal_id)
        form = HoldForm(request.POST)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            return self._act(
                asked, legal, lambda: services.lift_hold(legal, actor=asked.user, reason=reason), "The hold ended."
            )
        return self._page(asked, legal, hold=form, status=422)

    def bundle(self, request: HttpRequest, legal_id: str) -> HttpResponseBase:
        """Hand the bundle to the member of staff whom the link was made for, on record."""
        asked, legal = _require(request), get_object_or_404(LegalRequest, pk=legal_id)
        links.require(request)
        content = services.fetch_bundle(legal, actor=asked.user)
        name = f"velluto-evidence-{legal.pk.hex[:8]}.zip"
        return parts.send(request, content, legal.bundle_size or 0, "application/zip", name=name, save=True)

    def document(self, request: HttpRequest, legal_id: str) -> HttpResponse:
        """Hand out what the authority sent; no browser opens it here."""
        asked, legal = cast(SignedIn, request), get_object_or_404(LegalRequest, pk=legal_id)
        if not _may_read(asked):
            raise PermissionDenied
        links.require(request)
        content = services.read_document(legal, actor=asked.user)
        end = "pdf" if content.startswith(b"%PDF-") else "bin"
        response = HttpResponse(content, content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="legal-request-{legal.pk.hex[:8]}.{end}"'
        response["Cache-Control"] = "private, no-store"
        return response

    def _act(self, request: SignedIn, legal: LegalRequest, verb: Callable[[], None], said: str) -> HttpResponse:
        try:
            verb()
        except Refusal as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:takedowns_legalrequest_change", legal.pk)

    def _page(
        self,
        request: SignedIn,
        legal: LegalRequest,
        *,
        notice: ChangeNoticeForm | None = None,
        hold: HoldForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        legal = LegalRequest.objects.select_related("account", "hold", "entered_by").get(pk=legal.pk)
        now, may_answer = timezone.now(), request.user.has_perm(ANSWER)
        is_open = legal.status == legal.Status.READY and legal.destroy_at is not None and now < legal.destroy_at
        case = Case.objects.about(legal).get()
        return self._show(
            request,
            "takedowns/legal/page.html",
            str(legal),
            status,
            legal=legal,
            case=case,
            may_answer=may_answer,
            bundle_link=_link("bundle", legal, request) if may_answer and is_open else "",
            document_link=_link("document", legal, request) if _may_read(request) else "",
            may_be_told=legal.may_be_told(now),
            notice=notice or ChangeNoticeForm(initial=_notice(legal), auto_id="notice_%s"),
            hold=hold or HoldForm(auto_id="hold_%s"),
            may_lift=bool(may_answer and legal.hold and not legal.hold.lifted_at)
            and legal.status not in legal.UNANSWERED,
            history=history.of(case),
        )

    def _show(
        self, request: HttpRequest, template: str, title: str, status: int = 200, **context: Any
    ) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        response = TemplateResponse(request, template, {**shared, **context}, status=status)
        response["Cache-Control"] = "private, no-store"
        return response


def _require(request: HttpRequest, *, post: bool = False) -> SignedIn:
    if not request.user.has_perm(ANSWER) or (post and request.method != "POST"):
        raise PermissionDenied
    return cast(SignedIn, request)


def _may_read(request: SignedIn) -> bool:
    """Let whoever approves read the order as well: nobody approves what they have not read."""
    return request.user.has_perm(ANSWER) or request.user.has_perm(APPROVE)


def _link(what: str, legal: LegalRequest, request: SignedIn) -> str:
    return links.to(reverse(f"admin:takedowns_legalrequest_{what}", args=[legal.pk]), account=request.user.pk)


def _notice(legal: LegalRequest) -> dict[str, Any]:
    chosen = "allowed" if legal.may_tell else "until" if legal.silent_until else "forbidden"
    return {"notice": chosen, "silent_until": legal.silent_until}
