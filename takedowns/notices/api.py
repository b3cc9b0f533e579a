"""Notices by programs: `GET /api/v1/notices` says what is sworn, `POST` gives notice, `GET` one says how it stands."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.authentication import MayGiveNotice, MayReport, key_of
from accounts.client import address
from takedowns.models import Claim, Deadline, Notice, NoticeFile
from takedowns.notices import links, policies, services
from takedowns.notices.details import Details
from takedowns.notices.services.taking import statement


class NoticeSerializer(serializers.Serializer):
    id = serializers.UUIDField(required=False, help_text="what is sent twice under one id is one notice")
    capacity = serializers.ChoiceField(choices=Notice.Capacity.choices)
    issue = serializers.ChoiceField(choices=Notice.Issue.choices)
    harm = serializers.ChoiceField(choices=Notice.Harm.choices, required=False, allow_blank=True, default="")
    name = serializers.CharField(max_length=120)
    email = serializers.EmailField()
    phone = serializers.CharField(max_length=40, required=False, default="")
    represented = serializers.CharField(max_length=120, required=False, default="")
    description = serializers.CharField(max_length=policies.LONGEST_WORDS)
    account_email = serializers.EmailField(required=False, default="")
    voice_name = serializers.CharField(max_length=80, required=False, default="")
    links = serializers.CharField(max_length=policies.LONGEST_WORDS, required=False, default="")
    wants_listing = serializers.BooleanField(required=False, default=False)
    statement_sha256 = serializers.CharField(max_length=64)
    sworn = serializers.BooleanField()
    signature = serializers.CharField(max_length=120)
    proof = serializers.FileField(required=False)
    sample = serializers.FileField(required=False)
    found = serializers.FileField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["issue"] == Notice.Issue.USE and not attrs["harm"]:
            raise serializers.ValidationError({"harm": ["Say what it was used for."]})
        return attrs


@api_view(["GET", "POST"])
@permission_classes([MayGiveNotice])
def notices(request: Request) -> Response:
    """Return the statements that are sworn, word for word; or take a notice (JSON, or multipart with files)."""
    if request.method == "GET":
        texts = {capacity: statement(capacity) for capacity in Notice.Capacity.values}
        return Response(
            {
                "statements": {
                    capacity: {"version": text.version, "text": text.text, "sha256": text.sha256}
                    for capacity, text in texts.items()
                }
            }
        )
    form = NoticeSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    given, key = form.validated_data, key_of(request)
    account, where = (key.user if key else None), address(request._request)
    pk = given.get("id") or uuid4()
    if not Notice.objects.filter(pk=pk).exists():
        for kind in NoticeFile.Kind.values:
            if kind in given:
                services.keep_file(
                    pk, kind=kind, content=given[kind], address=where, account=account, at=timezone.now()
                )
    names = ("name", "email", "description", "phone", "represented", "account_email", "voice_name", "links")
    notice = services.take(
        key=pk,
        capacity=given["capacity"],
        issue=given["issue"],
        harm=given["harm"],
        details=Details(**{name: given[name] for name in names}),
        sworn=given["sworn"],
        signature=given["signature"],
        shown_sha256=given["statement_sha256"],
        wants_listing=given["wants_listing"],
        account=account,
        address=where,
        user_agent=request.headers.get("User-Agent", ""),
        by_key=key is not None,
    )
    return _answer(request, notice, status.HTTP_201_CREATED, theirs=account is not None)


@api_view(["GET"])
@permission_classes([MayReport])
def notice(request: Request, notice_id: str) -> Response:
    """Return how a notice of this account stands."""
    key = key_of(request)
    mine = get_object_or_404(Notice, pk=notice_id, account=key.user if key else None)
    return _answer(request, mine, status.HTTP_200_OK, theirs=True)


def _answer(request: Request, notice: Notice, code: int, *, theirs: bool) -> Response:
    """Say what the page says; without a key the link goes by mail alone, for the address may be another's."""
    body: dict[str, Any] = {
        "id": str(notice.pk),
        "reference": notice.reference,
        "status": notice.status,
        "received_at": notice.received_at,
        "deadlines": {
            clock.kind: {"due_at": clock.due_at, "met_at": clock.met_at, "breached": clock.breached_at is not None}
            for clock in Deadline.objects.of(notice)
        },
    }
    headers = {"Cache-Control": "private, no-store"}
    if theirs:
        claims = notice.claims.exclude(status=Claim.Status.CANDIDATE)
        body |= {
            "acknowledged_at": notice.acknowledged_at,
            "voices": [{"status": claim.status, "suspended_at": claim.suspended_at} for claim in claims],
            "settled_at": notice.settled_at,
            "url": reverse("api:notice", args=[notice.pk], request=request),
            "page": links.status(notice),
        }
        headers["Location"] = body["url"]
    return Response(body, status=code, headers=headers)
