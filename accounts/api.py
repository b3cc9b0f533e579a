"""Who a program is signed in as: `GET /api/v1/me`."""

from __future__ import annotations

from typing import cast

from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.authentication import MayReadAccount
from accounts.models import ApiKey


@api_view(["GET"])
@permission_classes([MayReadAccount])
def me(request: Request) -> Response:
    key = cast(ApiKey, request.auth)
    user = key.user
    return Response(
        {
            "account": {"id": str(user.pk), "email": user.email, "name": user.get_short_name(), "status": user.status},
            "credits": services.balance(user),
            "key": {"prefix": key.prefix, "scopes": key.scopes, "expires_at": key.expires_at},
        },
        headers={"Cache-Control": "private, no-store"},
    )
