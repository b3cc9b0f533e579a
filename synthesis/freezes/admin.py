"""Where staff stop speech, and two of them let it go again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.client import SignedIn
from synthesis.freezes import services
from synthesis.freezes.forms import LiftingForm, PlacingForm
from synthesis.models import Freeze
from velluto.errors import Refusal

LIFT = "synthesis.lift_freeze"


@admin.register(Freeze)
class FreezeAdmin(admin.ModelAdmin):
    """Each freeze and who placed, proposed to lift and lifted it."""

    list_display = ("scope", "subject", "status", "placed_at", "placed_by", "lifted_at")
    list_filter = ("status", "scope")
    readonly_fields = (
        "scope", "subject", "status", "reason", "placed_by", "placed_at",
        "lift_reason", "proposed_by", "proposed_at", "lifted_by", "lifted_at",
    )  # fmt: skip

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            return PlacingForm
        return type("LiftingFormOfThis", (LiftingForm,), {"by": request.user})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return PlacingForm.Meta.fields
        asks = ("verdict", "why") if self.has_change_permission(request, obj) else ()
        return (*self.readonly_fields, *asks)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = request.user.has_perm(LIFT)
        return may and (obj is None or obj.status != Freeze.Status.LIFTED)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: SignedIn, obj: Freeze, form: Any, change: bool) -> None:  # type: ignore[override]
        given = form.cleaned_data
        if not change:
            placed = services.freeze(scope=obj.scope, subject=obj.subject, actor=request.user, reason=obj.reason)
            obj.pk, obj._state.adding = placed.pk, False
        elif given["verdict"] == "propose":
            services.propose_lifting(obj, actor=request.user, reason=given["why"])
        elif given["verdict"] == "keep":
            services.keep(obj, actor=request.user, reason=given["why"])
        else:
            services.lift(obj, actor=request.user)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refusal as refusal:  # somebody was faster
            self.message_user(request, str(refusal), level="error")
            return self.response_post_save_change(request, Freeze())
