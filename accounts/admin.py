"""Accounts and their credits, as staff see them: to read, to give a role, to grant credits."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts import services
from accounts.models import ApiKey, CreditEntry, User
from velluto.admin import ReadOnlyAdmin


class RoleForm(forms.ModelForm):
    reason = forms.CharField(
        max_length=300, required=False, help_text="Why the role changes. The audit keeps it for ever."
    )

    class Meta:
        model = User
        fields = ["is_staff", "groups"]

    def clean(self) -> dict[str, Any] | None:
        if {"is_staff", "groups"} & set(self.changed_data) and not self.cleaned_data.get("reason"):
            self.add_error("reason", "Say why the role changes.")
        return super().clean()


class GrantForm(forms.Form):
    characters = forms.IntegerField(min_value=1, max_value=10_000_000, label="Credits (characters) for each account")
    reason = forms.CharField(max_length=300, help_text="The account holder sees it in the ledger.")
    token = forms.UUIDField(widget=forms.HiddenInput)


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    form = RoleForm
    list_display = ["email", "full_name", "status", "is_staff", "created_at", "last_login"]
    list_filter = ["status", "is_staff", "groups"]
    search_fields = ["email", "full_name", "id"]
    filter_horizontal = ["groups"]
    readonly_fields = [
        "id",
        "email",
        "full_name",
        "display_name",
        "status",
        "adult_confirmed_at",
        "created_at",
        "last_login",
        "is_superuser",
        "credits",
    ]
    fieldsets = [
        (None, {"fields": ["email", "full_name", "display_name", "id"]}),
        ("Standing", {"fields": ["status", "adult_confirmed_at", "created_at", "last_login", "credits"]}),
        ("Role", {"fields": ["is_superuser", "is_staff", "groups", "reason"]}),
    ]
    actions = ["grant_credits"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_grant_credits_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.grant_credits")

    @admin.display(description="credits left")
    def credits(self, user: User) -> str:
        return f"{user.credit_entries.total():,}"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the question for a reason out where nothing can be changed."""
        if self.has_change_permission(request, obj):
            return self.fieldsets
        return [*self.fieldsets[:2], ("Role", {"fields": ["is_superuser", "is_staff", "groups"]})]

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        """Write nothing here: save_related calls the one service that changes roles."""

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        services.set_role(
            form.instance,
            is_staff=form.cleaned_data["is_staff"],
            groups=list(form.cleaned_data["groups"]),
            actor=cast(User, request.user),
            reason=form.cleaned_data["reason"],
        )

    @admin.action(description="Grant credits", permissions=["grant_credits"])
    def grant_credits(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        form = GrantForm(request.POST if "apply" in request.POST else None, initial={"token": uuid.uuid4()})
        if form.is_valid():
            for user in queryset:
                services.grant(
                    user,
                    form.cleaned_data["characters"],
                    kind=CreditEntry.Kind.PURCHASE,
                    reference=f"grant:{form.cleaned_data['token']}:{user.pk}",
                    actor=cast(User, request.user),
                    reason=form.cleaned_data["reason"],
                )
            messages.success(
                request, f"{form.cleaned_data['characters']:,} credits granted to {len(queryset)} account(s)."
            )
            return None
        return TemplateResponse(
            request,
            "admin/accounts/grant_credits.html",
            {
                **self.admin_site.each_context(request),
                "title": "Grant credits",
                "opts": self.opts,
                "users": queryset,
                "form": form,
                "checkbox": ACTION_CHECKBOX_NAME,
            },
        )


@admin.register(CreditEntry)
class CreditEntryAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "user", "kind", "characters", "reference", "reason", "actor"]
    list_filter = ["kind"]
    search_fields = ["user__email", "reference"]
    date_hierarchy = "created_at"
    list_select_related = ["user", "actor"]


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Which keys there are; what people call them is their own business."""

    list_display = ["prefix", "user", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at"]
    fields = ["prefix", "user", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at"]
    search_fields = ["prefix", "user__email"]
    date_hierarchy = "created_at"
    list_select_related = ["user"]
