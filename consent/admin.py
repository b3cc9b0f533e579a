"""Signed documents, as those see them who decide: downloaded one at a time, each time on record."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path

from accounts.client import SignedIn
from consent.documents import services
from consent.models import Document
from velluto import links
from velluto.admin import ReadOnlyAdmin

READ = "consent.read_document"


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
        return [path("<uuid:document_id>/file/", view(self.file), name="consent_document_file"), *super().get_urls()]

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
