from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import User
from consent import policies
from consent.models import Office
from consent.never.policies import Answers
from voices.models import Voice


def _yes_or_no(label: str, missing: str, *, help_text: str = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda answer: answer == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": missing},
    )


class DeclareForm(forms.Form):
    """Whose voice it is, who that is, and what for; there is no default (B1), and no question is left out (C8).

    Of one's own voice two answers are known: whoever declares it lives, and is of age.
    """

    use_required_attribute = False  # a question that does not apply is hidden, and must not hold up the form

    whose = forms.ChoiceField(
        label="Whose voice is it?",
        choices=Voice.Whose.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whose voice it is."},
    )
    tier = forms.ChoiceField(
        label="Which kind?",
        choices=[
            (Voice.Tier.INSTANT, "Instant: you record half a minute to two minutes"),
            (Voice.Tier.PREMIUM, "Premium: you record two to five minutes. For your own voice only"),
        ],
        initial=Voice.Tier.INSTANT,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label="What shall we call this voice?", max_length=80, help_text="Only you see this name. You can choose any."
    )
    owner_name = forms.CharField(
        label="Full name of the person whose voice it is",
        max_length=120,
        help_text="As it is spoken: the consent statement is read aloud with this name.",
    )

    alive = _yes_or_no(
        "Is this person alive?",
        "Say whether this person is alive.",
        help_text="The voice of somebody who has died needs a written authorisation by their estate.",
    )
    adult = _yes_or_no(
        "Are they 18 or over?",
        "Say whether this person is 18 or over.",
        help_text="Of somebody who has died: were they, when they were recorded?",
    )
    office = forms.ChoiceField(
        label="Do they hold a political or judicial office, or did they ever hold one or stand for election?",
        help_text="You, if it is your own voice. Parliaments, councils, mayors, ministers, judges, heads of state.",
        choices=Office.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether this person holds or held an office, or stood for one."},
    )
    office_until = forms.DateField(
        label="When did it end?",
        help_text="The last day in office, or the day of the election that was lost or given up. The latest counts.",
        error_messages={"required": "Give the day, as well as you know it."},
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    public_figure = _yes_or_no(
        "Would people in general recognise this voice?",
        "Say whether people in general would recognise this voice.",
        help_text="As that of a celebrity, artist, musician, athlete, broadcaster or voice actor. It needs a written "
        "authorisation then.",
    )
    purpose = forms.CharField(
        label="What is the voice for?",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what the voice is for."},
    )
    forbidden_use = _yes_or_no(
        "Will it be used for any of these?",
        "Say whether the voice will be used for any of these.",
        help_text="Intimate content of somebody who did not agree, fraud, defamation, passing for somebody, election "
        "or campaign content, harassment.",
    )

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        of_oneself = self["whose"].value() == Voice.Whose.SELF
        for name in ("alive", "adult"):
            self.fields[name].required = not of_oneself
        self.fields["office_until"].required = self["office"].value() == Office.ENDED

    def clean_office_until(self) -> date | None:
        day = self.cleaned_data["office_until"]
        if self.cleaned_data.get("office") != Office.ENDED:
            return None
        if day and day > timezone.localdate():
            raise forms.ValidationError("Give a day that is past; what ends later is held now.")
        return day

    def clean(self) -> dict[str, Any]:
        """Take as known of oneself what signing up has settled: whoever is here lives, and is of age."""
        data = super().clean() or {}
        if data.get("whose") == Voice.Whose.SELF:
            data |= {"alive": True, "adult": True}
        return data

    def answers(self) -> Answers:
        """Return what was declared of the person."""
        names = ("alive", "adult", "office", "office_until", "public_figure", "forbidden_use", "purpose")
        return Answers(**{name: self.cleaned_data[name] for name in names})

    def clean_owner_name(self) -> str:
        name = " ".join(self.cleaned_data["owner_name"].split())
        if len([letter for letter in name if letter.isalpha()]) < 2:
            raise forms.ValidationError("Write the name in letters, as it is spoken.")
        others = self.cleaned_data.get("whose") == Voice.Whose.THIRD_PARTY
        if others and policies.same_name(name, self.account.full_name):
            raise forms.ValidationError("This is your own name. Write the name of the person whose voice it is.")
        return name


class AuthorisationForm(forms.Form):
    """A signed document, and who signed it when."""

    file = forms.FileField(
        label="The signed document",
        help_text="PDF, PNG or JPEG, at most 10 MB. Scan or photograph every page that belongs to it.",
        error_messages={"required": "Choose the document.", "empty": "The file is empty."},
    )
    signer = forms.CharField(label="Who signed it", max_length=120, help_text="The name under the signature.")
    signed_on = forms.DateField(label="Signed on", widget=forms.DateInput(attrs={"type": "date"}))


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
