"""One way to say no over the API: every refusal becomes {"error": {code, message, next_step}}."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler as rest_exception_handler

from velluto import space
from velluto.errors import Refusal


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn a named refusal, or one of the framework's own errors, into an answer."""
    if space.is_full(error):
        error = space.StorageFull()
    if isinstance(error, Refusal):
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
        return Response({"error": error.as_dict()}, status=error.status, headers=headers)
    response = rest_exception_handler(error, context)
    if response is not None:
        body: dict[str, Any] = {"code": "error", "message": "", "next_step": ""}
        if isinstance(error, ValidationError):
            body |= {"code": "invalid", "message": "Some fields are missing or wrong.", "fields": error.detail}
        elif isinstance(error, APIException):
            body |= {"code": error.default_code, "message": str(error.detail)}
        else:
            body |= {"code": "not_found", "message": "There is nothing here."}
        response.data = {"error": body}
    return response
