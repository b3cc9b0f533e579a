"""The admin: for staff only, and only after a second factor in this very session."""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

# Tables of libraries: written by their own pages and checks. Here they could be changed without a row in the audit.
FOREIGN_APPS = frozenset({"auth", "account", "mfa", "django_q"})


def used_second_factor(request: HttpRequest) -> bool:
    """Tell whether this session was opened, or confirmed, with an authenticator app, a passkey or a recovery code."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def second_step(request: HttpRequest) -> str | None:
    """Return the name of the page where this person can confirm a second factor, a passkey first; None without any."""
    if is_mfa_enabled(request.user, types=[Authenticator.Type.WEBAUTHN]):
        return "mfa_reauthenticate_webauthn"
    return "mfa_reauthenticate" if is_mfa_enabled(request.user) else None


class VellutoAdminSite(admin.AdminSite):
    site_header = "Velluto"
    site_title = "Velluto"
    index_title = "Decisions and records"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register the models of the house, and silently none of a library's."""
        models: Any = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        own = [model for model in models if model._meta.app_label not in FOREIGN_APPS]
        super().register(own, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        allowed = super().has_permission(request)
        return allowed and (used_second_factor(request) or not settings.ADMIN_REQUIRES_MFA)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the one sign-in there is, or to the step that is still missing."""
        target = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
            target = reverse("admin:index", current_app=self.name)
        if not request.user.is_authenticated:
            return redirect_to_login(target, login_url=resolve_url(settings.LOGIN_URL))
        if not super().has_permission(request):
            raise PermissionDenied
        if self.has_permission(request):
            return redirect(target)
        if step := second_step(request):
            return redirect(f"{reverse(step)}?{urlencode({'next': target})}")
        messages.warning(request, "The admin needs a second factor. Add a passkey or an authenticator app first.")
        return redirect("mfa_index")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method != "POST":
            return redirect("account_logout")
        logout(request)
        return redirect("home")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")
