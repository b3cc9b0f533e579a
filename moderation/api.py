"""Reports by programs: `POST /api/v1/reports`, then `GET` how it stands."""

from __future__ import annotations

from typing import Any, cast

from django.shortcuts import get_object_or_404
from rest_framework import serializers, status
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.authentication import MayReport
from accounts.client import address
from accounts.models import ApiKey
from moderation import policies, refusals, reporting
from moderation.models import Report
from moderation.services import reports


class ReportForm(serializers.Serializer):
    id = serializers.UUIDField(required=False, help_text="what is sent twice under one id is one report")
    reference = serializers.CharField(max_length=200)
    subject = serializers.CharField(max_length=16)
    category = serializers.ChoiceField(choices=Report.Category.choices)
    words = serializers.CharField(max_length=policies.LONGEST_REPORT)


@api_view(["POST"])
@permission_classes([MayReport])
def report_something(request: Request) -> Response:
    """Report what a reference leads to: `<id of a detection>.<number of its mark>`, or the id of something of yours."""
    form = ReportForm(data=request.data)
    form.is_valid(raise_exception=True)
    given, key = form.validated_data, cast(ApiKey, request.auth)
    found = reporting.find(given["reference"], key.user).get(given["subject"])
    if found is None:
        raise refusals.ReportSubjectUnknown()
    made = reports.report(
        found,
        category=given["category"],
        words=given["words"],
        account=key.user,
        key=given.get("id"),
        address=address(request._request),
        by_key=True,
    )
    return _answer(request, made, status.HTTP_201_CREATED)


@api_view(["GET"])
@permission_classes([MayReport])
def report(request: Request, report_id: str) -> Response:
    """Return how a report of this account stands."""
    made = get_object_or_404(Report, pk=report_id, account=cast(ApiKey, request.auth).user)
    return _answer(request, made, status.HTTP_200_OK)


def _answer(request: Request, made: Report, code: int) -> Response:
    where = reverse("api:report", args=[made.pk], request=request)
    body: dict[str, Any] = {
        "id": str(made.pk),
        "url": where,
        "status": made.status,
        "category": made.category,
        "received_at": made.received_at,
        "due_at": made.case.due_at,
        "settled_at": made.settled_at,
        "page": reports.link(made),
    }
    return Response(body, status=code, headers={"Location": where, "Cache-Control": "private, no-store"})
