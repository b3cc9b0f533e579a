from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import User
from consent import policies
from voices.models import Voice


class DeclareForm(forms.Form):
    """Whose voice it is; there is no default (B1)."""

    whose = forms.ChoiceField(
        label="Whose voice is it?",
        choices=Voice.Whose.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whose voice it is."},
    )
    name = forms.CharField(
        label="What shall we call this voice?", max_length=80, help_text="Only you see this name. You can choose any."
    )
    owner_name = forms.CharField(
        label="Full name of the person whose voice it is",
        max_length=120,
        help_text="As it is spoken: the consent statement is read aloud with this name.",
    )

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def clean_owner_name(self) -> str:
        name = " ".join(self.cleaned_data["owner_name"].split())
        if len([letter for letter in name if letter.isalpha()]) < 2:
            raise forms.ValidationError("Write the name in letters, as it is spoken.")
        others = self.cleaned_data.get("whose") == Voice.Whose.THIRD_PARTY
        if others and policies.same_name(name, self.account.full_name):
            raise forms.ValidationError("This is your own name. Write the name of the person whose voice it is.")
        return name


class RepresentationsForm(forms.Form):
    shown_sha256 = forms.CharField(widget=forms.HiddenInput)
    represented = forms.BooleanField(label="I make these representations and warranties", required=False)


class RecordingForm(forms.Form):
    audio = forms.FileField(
        label="Your recording",
        error_messages={"required": "Choose a file, or record one.", "empty": "The file is empty."},
    )


class StatementForm(RecordingForm):
    on = forms.DateField(widget=forms.HiddenInput)


class PhraseForm(RecordingForm):
    challenge = forms.UUIDField(widget=forms.HiddenInput)
