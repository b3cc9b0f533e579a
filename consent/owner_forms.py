"""What an account asks a Voice Owner for, and what the owner answers."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils import timezone

from consent.policies import Scope
from velluto import engines


def _languages() -> list[tuple[str, str]]:
    return sorted(engines.speech().languages.items(), key=lambda item: item[1])


def _day(**options: Any) -> forms.DateField:
    return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}), **options)


class ScopeForm(forms.Form):
    def scope(self) -> Scope:
        data = self.cleaned_data
        return Scope(
            commercial=bool(data.get("commercial")),
            sharing=bool(data.get("sharing")),
            languages=frozenset(data.get("languages") or ()),
            until=data.get("until"),
        )


class InvitationForm(ScopeForm):
    """Whom to ask, for what."""

    reason = forms.CharField(
        label="What do you want the voice for?",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="They read these words before they decide.",
    )
    commercial = forms.TypedChoiceField(
        label="What do you ask for?",
        choices=[("no", "Own use: nobody earns money with it"), ("yes", "Commercial use as well")],
        coerce=lambda answer: answer == "yes",
        initial="no",
        widget=forms.RadioSelect,
    )
    sharing = forms.BooleanField(label="I ask to share the voice with other accounts", required=False)
    languages = forms.MultipleChoiceField(
        label="Languages",
        required=False,
        help_text="Choose none to ask for all.",
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )
    until = _day(label="Until", help_text="The last day. Empty: until they withdraw.")
    email = forms.EmailField(
        label="Their e-mail address",
        required=False,
        help_text="They get the invitation by mail, and only they see the link. Empty: you show them a QR code.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["languages"]).choices = _languages()

    def clean_until(self) -> object:
        until = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError("Choose a day that is still to come.")
        return until


class GrantForm(ScopeForm):
    """The Voice Owner's answer; it offers what was asked for, and nothing is ticked beforehand."""

    commercial = forms.BooleanField(label="Commercial use: others may earn money with it", required=False)
    sharing = forms.BooleanField(label="Sharing it with other accounts", required=False)
    languages = forms.MultipleChoiceField(label="In these languages", required=False)
    until = _day(label="Until", help_text="The last day. Empty: until you withdraw.")
    born_on = forms.DateField(
        label="Your date of birth",
        help_text="To see that you are 18 or over. We keep the answer, not the date.",
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}),
    )
    signature = forms.CharField(label="Your full name, as your signature", max_length=120)
    agreed = forms.BooleanField(label="I consent to what stands under “What you sign”", required=False)
    shown_sha256 = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, asked: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = cast(forms.MultipleChoiceField, self.fields["languages"])
        languages.choices = [
            (code, name) for code, name in _languages() if not asked.languages or code in asked.languages
        ]
        if asked.languages:
            languages.widget = forms.CheckboxSelectMultiple(choices=languages.choices)
            languages.required = True
            languages.error_messages["required"] = "Choose at least one language."
        else:
            languages.widget = forms.SelectMultiple(attrs={"size": 5}, choices=languages.choices)
            languages.help_text = "Choose none to allow all."
        if asked.until:
            self.fields["until"].required = True
            self.fields["until"].initial = asked.until
            self.fields["until"].help_text = f"The last day, at most {asked.until:%-d %B %Y}."
        for name in ("commercial", "sharing"):
            if not getattr(asked, name):
                del self.fields[name]
