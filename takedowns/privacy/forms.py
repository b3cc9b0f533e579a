"""What people fill in to ask for something about their own data."""

from __future__ import annotations

from typing import Any

from django import forms

from takedowns.models import PrivacyRequest
from takedowns.privacy import policies

Kind = PrivacyRequest.Kind
WORDS = forms.Textarea(attrs={"rows": 5, "maxlength": policies.LONGEST_WORDS})


class EraseForm(forms.Form):
    sure = forms.BooleanField(
        label="Erase my account for good. I know that nobody can bring it back.",
        error_messages={"required": "Tick the box if you are sure."},
    )


class AskForm(forms.Form):
    kind = forms.ChoiceField(
        label="What it is about",
        choices=[
            (Kind.CORRECTION, "Something about me is wrong, and I cannot correct it myself"),
            (Kind.OBJECTION, "Stop using my data for something"),
            (Kind.ERASURE, "Erase my account, although a legal hold stands"),
        ],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label="In your words",
        widget=WORDS,
        help_text="What is wrong and how it should be, or what should stop and why.",
    )

    def __init__(self, *args: Any, held: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kind"]
        if not held:
            kinds.choices = [choice for choice in kinds.choices if choice[0] != Kind.ERASURE]


class OutsideForm(forms.Form):
    kind = forms.ChoiceField(label="What you want", choices=Kind.choices, widget=forms.RadioSelect)
    email = forms.EmailField(
        label="Your e-mail address", help_text="You get a link there, to show that the address is yours."
    )
    words = forms.CharField(
        label="In your words", widget=WORDS, required=False, help_text="Whatever helps us find what is meant."
    )
    person = forms.EmailField(
        label="Their e-mail address", required=False, help_text="Of the person for whom you ask. They are told."
    )
    document = forms.FileField(
        label="The power of attorney",
        required=False,
        help_text="A PDF, PNG or JPEG of at most 10 MB. It is encrypted, and read only by who decides.",
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,image/png,image/jpeg"}),
    )
