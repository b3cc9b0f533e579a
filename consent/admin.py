"""Signed documents, downloaded one at a time and on record; and who tried what may never be done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from accounts.client import SignedIn
from consent.documents import services
from consent.models import Document, ForbiddenAttempt
from moderation.models import Case
from velluto import links
from velluto.admin import ReadOnlyAdmin
from velluto.errors import Refusal

READ = "consent.read_document"
DECIDE = "moderation.decide_case"


class JudgeForm(forms.Form):
    reason = forms.CharField(max_length=600)


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """A document is never shown in the browser: it is saved, and opened outside of this site."""

    list_display = ["id", "voice", "kind", "status", "signed_on", "uploaded_at", "retain_until"]
    list_filter = ["status", "kind", "type"]
    search_fields = ["=id", "=voice__id", "=sha256"]
    date_hierarchy = "uploaded_at"
    fields = [
        "id", "voice", "kind", "type", "size", "sha256", "signed_on", "uploaded_at", "account", "retain_until",
        "status", "judged_by", "judged_at", "judged_because",
    ]  # fmt: skip

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:document_id>/file/", view(self.file), name="consent_document_file"),
            path("<uuid:document_id>/judge/", view(self.judge), name="consent_document_judge"),
            *super().get_urls(),
        ]

    def judge(self, request: SignedIn, document_id: str) -> HttpResponse:
        """Verify or refuse a document, as whoever holds a case about its voice; go back to that case."""
        if request.method != "POST" or not (request.user.has_perm(READ) and request.user.has_perm(DECIDE)):
            raise PermissionDenied
        document = get_object_or_404(Document.objects.select_related("voice__account"), pk=document_id)
        held = Case.objects.about(document.voice).filter(status=Case.Status.CLAIMED, claimed_by=request.user).first()
        form = JudgeForm(request.POST)
        if held is None:
            self.message_user(request, "Claim the case about this voice first.", messages.ERROR)
        elif not form.is_valid():
            self.message_user(request, "Say what you found: it is kept with the document.", messages.ERROR)
        else:
            judged = services.verify_document if "verify" in request.POST else services.refuse_document
            try:
                judged(document, actor=request.user, reason=form.cleaned_data["reason"])
            except Refusal as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.message_user(request, f"{document.get_status_display()}. It is on record.", messages.SUCCESS)
        if held is None:
            return redirect("admin:consent_document_changelist")
        return redirect("admin:moderation_case_change", held.pk)

    def file(self, request: SignedIn, document_id: str) -> HttpResponse:
        if not request.user.has_perm(READ):
            raise PermissionDenied
        document = get_object_or_404(Document, pk=document_id)
        links.require(request)
        content = services.read_document(document, actor=request.user)
        return HttpResponse(
            content,
            content_type="application/octet-stream",  # so that no browser takes it for a page or a picture
            headers={
                "Content-Disposition": f'attachment; filename="{document.file_name}"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )


@admin.register(ForbiddenAttempt)
class ForbiddenAttemptAdmin(ReadOnlyAdmin):
    """Violations of section 3: by whom, of which rule. Whose voice it was stays sealed."""

    list_display = ["attempted_at", "account", "section", "rule", "whose", "voice", "taken_back_at"]
    list_filter = ["rule", "whose"]
    search_fields = ["=id", "=account__email", "=voice__id"]
    date_hierarchy = "attempted_at"
    fields = [
        "id", "account", "voice", "rule", "section", "whose", "attempted_at", "retain_until", "decision_id",
        "taken_back_at",
    ]  # fmt: skip
