"""What a person says when they freeze speech, or let it go on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from synthesis.freezes import refusals
from synthesis.models import Freeze
from voices.models import Voice


def subject_of(scope: str, named: str) -> str:
    """Return what a freeze of this scope is kept under, given as a person names it; raise ValidationError."""
    if scope == Freeze.Scope.EVERYTHING:
        return ""
    if not named:
        raise ValidationError("Say which one.", code="subject_missing")
    if scope == Freeze.Scope.ENGINE:
        return named
    try:
        if scope == Freeze.Scope.ACCOUNT:
            return str(User.objects.get(email__iexact=named).pk)
        return str(Voice.objects.get(pk=named).pk)
    except (User.DoesNotExist, Voice.DoesNotExist, ValidationError):
        raise ValidationError("There is none of that name.", code="subject_unknown") from None


class PlacingForm(forms.ModelForm):
    named = forms.CharField(
        label="Which one",
        required=False,
        max_length=254,
        help_text="An account's e-mail address, a voice's id or an engine's name; nothing for all speech.",
    )

    class Meta:
        model = Freeze
        fields = ["scope", "named", "reason"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        try:
            self.instance.subject = subject_of(given.get("scope", ""), given.get("named", "").strip())
        except ValidationError as error:
            self.add_error("named", error)
        return given


class LiftingForm(forms.ModelForm):
    """Propose that a freeze ends, agree to it, or turn the proposal down."""

    verdict = forms.ChoiceField(label="What to do", widget=forms.RadioSelect)
    why = forms.CharField(label="Reason", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    by: User

    class Meta:
        model = Freeze
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        proposed = self.instance.status == Freeze.Status.PROPOSED
        choices = [("lift", "Agree: speech goes on"), ("keep", "Turn down: it stays frozen")]
        self.fields["verdict"].choices = choices if proposed else [("propose", "Propose to lift it")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("verdict") == "lift" and self.instance.proposed_by_id == self.by.pk:
            another = refusals.FreezeNeedsAnother()
            raise ValidationError(str(another), code=another.code)
        if given.get("verdict") in ("propose", "keep") and not given.get("why", "").strip():
            raise ValidationError(str(refusals.ReasonMissing()), code=refusals.ReasonMissing.code)
        return given
