"""Notices in the admin: a list without names, what came with one, and the small acts of a moderator."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from accounts.client import SignedIn
from takedowns.models import Claim, Notice, NoticeFile, NotifierBar
from takedowns.notices import attachments, refusals, services
from velluto import links, parts
from velluto.admin import ReadOnlyAdmin
from velluto.errors import Refusal

LISTEN, DECIDE = "moderation.listen_recording", "moderation.decide_case"


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """What was given notice of, and when; who did, and what they wrote, stands in the case."""

    list_display = ["reference", "issue", "harm", "capacity", "trusted", "status", "received_at", "settled_at"]
    list_filter = ["status", "issue", "harm", "trusted"]
    date_hierarchy = "received_at"
    fields = [
        "id", "issue", "harm", "capacity", "trusted", "verified_at", "attestation", "text_sha256", "sworn_at",
        "status", "received_at", "acknowledged_at", "examined_at", "settled_at",
    ]  # fmt: skip

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        acts = {
            "proof": self.proof,
            "sample": self.sample,
            "acknowledge": self.acknowledge,
            "hold": self.hold,
            "take-up": self.take_up,
            "name": self.name,
        }
        return [
            *(
                path(f"<uuid:notice_id>/{verb}/", view(act), name=f"takedowns_notice_{verb.replace('-', '_')}")
                for verb, act in acts.items()
            ),
            *super().get_urls(),
        ]

    # ------------------------------------------------------------------------------------------------ what came with it

    def proof(self, request: SignedIn, notice_id: str) -> HttpResponse:
        """Hand the proof of authority out as a file: it is opened in no page of ours."""
        file = self._file(request, notice_id, NoticeFile.Kind.PROOF)
        services.looked_at(file, actor=request.user)
        answer = HttpResponse(services.file_bytes(file), content_type=file.content_type)
        ending = attachments.ENDINGS[file.content_type]
        answer["Content-Disposition"] = f'attachment; filename="proof-{str(notice_id)[:8]}.{ending}"'
        answer["Cache-Control"] = "private, no-store"
        return answer

    def sample(self, request: SignedIn, notice_id: str) -> HttpResponseBase:
        """Play the claimant's recording; each opening is on record."""
        file = self._file(request, notice_id, NoticeFile.Kind.SAMPLE)
        links.require(request)
        services.looked_at(file, actor=request.user)
        content = services.file_bytes(file)
        return parts.send(request, io.BytesIO(content), len(content), file.content_type)

    def _file(self, request: SignedIn, notice_id: str, kind: str) -> NoticeFile:
        if not request.user.has_perm(LISTEN):
            raise PermissionDenied
        return get_object_or_404(NoticeFile, notice_id=notice_id, kind=kind)

    # ------------------------------------------------------------------------------------------------ small acts

    def acknowledge(self, request: SignedIn, notice_id: str) -> HttpResponse:
        said = "The claimant is told that a person verifies the notice."
        return self._act(request, notice_id, lambda notice: services.acknowledge(notice, actor=request.user), said)

    def hold(self, request: SignedIn, notice_id: str) -> HttpResponse:
        def act(notice: Notice) -> None:
            services.hold(self._claim(request, notice), actor=request.user)

        return self._act(request, notice_id, act, "The voice is suspended until this is decided; its account is told.")

    def take_up(self, request: SignedIn, notice_id: str) -> HttpResponse:
        def act(notice: Notice) -> None:
            services.take_up(self._claim(request, notice), actor=request.user)

        return self._act(request, notice_id, act, "The voice has a case of its own in the queue now.")

    def name(self, request: SignedIn, notice_id: str) -> HttpResponse:
        def act(notice: Notice) -> None:
            services.name_voice(notice, _uuid(request.POST.get("voice", "")), actor=request.user)

        return self._act(request, notice_id, act, "The voice has a case of its own in the queue now.")

    def _act(self, request: SignedIn, notice_id: str, act: Callable[[Notice], None], said: str) -> HttpResponse:
        if request.method != "POST" or not request.user.has_perm(DECIDE):
            raise PermissionDenied
        notice = get_object_or_404(Notice, pk=notice_id)
        if notice.account_id == request.user.pk:
            raise PermissionDenied
        try:
            act(notice)
        except Refusal as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, said, messages.SUCCESS)
        try:
            return redirect("admin:moderation_case_change", UUID(request.POST.get("case", "")))
        except ValueError:
            return redirect("admin:moderation_case_changelist")

    def _claim(self, request: SignedIn, notice: Notice) -> Claim:
        claim = notice.claims.filter(pk=_uuid(request.POST.get("claim", ""))).select_related("voice").first()
        if claim is None:
            raise refusals.VoiceNotClaimed()
        if claim.voice.account_id == request.user.pk:
            raise PermissionDenied
        return claim


@admin.register(NotifierBar)
class NotifierBarAdmin(ReadOnlyAdmin):
    """Who abused notices, by a digest, until when, and lifting it."""

    list_display = ["id", "barred_at", "until", "lifted_at"]
    fields = ["id", "decision_id", "barred_at", "until", "lifted_at"]
    actions = ["lift"]

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("moderation.approve_decision")

    @admin.action(description="Lift these bars", permissions=["lift"])
    def lift(self, request: SignedIn, chosen: Any) -> None:
        for barred in chosen:
            services.lift_bar(barred.decision_id, actor=request.user)
        self.message_user(request, "Lifted.", messages.SUCCESS)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text.strip())
    except ValueError as error:
        raise refusals.VoiceNotClaimed() from error
