"""What the admin pages of every app share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from velluto.audit.models import AuditEvent
from velluto.errors import Refusal
from velluto.jobs import Job, retry


class ReadOnlyAdmin(admin.ModelAdmin):
    """A page to look at: services write, the admin shows."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The audit, to read; `manage.py verify_audit` says whether it is whole."""

    list_display = ("id", "at", "event", "actor", "subject_type", "subject_id", "reason")
    list_filter = ("event",)
    search_fields = ("=event", "=actor", "=subject_id")
    date_hierarchy = "at"
    ordering = ("-id",)
    fields = ("id", "at", "event", "actor", "subject_type", "subject_id", "reason", "data", "previous", "digest")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Background work; what was given up waits here for somebody to look."""

    list_display = ("name", "status", "subject", "tries", "progress", "error", "created_at", "finished_at")
    list_filter = ("status", "queue", "name")
    search_fields = ("=id", "subject", "=error_code")
    date_hierarchy = "created_at"
    actions = ("try_again",)

    @admin.display(description="attempts")
    def tries(self, job: Job) -> str:
        return f"{job.attempts} of {job.max_attempts}"

    @admin.display(description="progress")
    def progress(self, job: Job) -> str:
        return f"{job.done} of {job.total}" if job.total else ""

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("velluto.retry_job")

    @admin.action(description="Try again what was given up", permissions=["retry"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        for job in chosen:
            self._retry(request, job)

    def _retry(self, request: HttpRequest, job: Job) -> None:
        try:
            retry(job, actor=request.user)
        except Refusal as refusal:
            self.message_user(request, f"{job.name}, {job.subject}: {refusal}", messages.ERROR)
        else:
            self.message_user(request, f"{job.name}, {job.subject}: it is queued again.", messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        one = path("<uuid:job_id>/retry/", self.admin_site.admin_view(self.retry_one), name="velluto_job_retry")
        return [one, *super().get_urls()]

    def retry_one(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Answer the button on the page of one job."""
        if not self.has_retry_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._retry(request, get_object_or_404(Job, pk=job_id))
        return redirect("admin:velluto_job_change", job_id)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        job = self.get_object(request, object_id)
        can_retry = job is not None and job.status == Job.Status.DEAD and self.has_retry_permission(request)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "can_retry": can_retry})
