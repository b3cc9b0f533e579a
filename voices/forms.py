from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import Q

from velluto import engines
from voices import policies
from voices.models import CatalogueEntry, Voice, VoiceQuerySet


class ShareForm(forms.Form):
    """With whom a voice is shared, and that its owner agrees."""

    email = forms.EmailField(label="E-mail address of their account", error_messages={"required": "Whose account?"})
    agreed = forms.BooleanField(required=False)

    def __init__(self, *args: Any, voice: Voice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreed"].label = policies.agreement(voice.whose)


class LicenceForm(forms.Form):
    shown_sha256 = forms.CharField(widget=forms.HiddenInput)
    ticked = forms.BooleanField(label="I accept these terms for this voice", required=False)


class SearchForm(forms.Form):
    """What somebody looks for in the catalogue; an empty form finds everything."""

    all_optional = True  # and so no field says it

    q = forms.CharField(label="Search", max_length=80, required=False, widget=forms.TextInput(attrs={"type": "search"}))
    language = forms.ChoiceField(label="Language", required=False)
    style = forms.ChoiceField(label="Style", required=False, choices=[("", "Any"), *CatalogueEntry.Style.choices])
    gender = forms.ChoiceField(
        label="Gender presentation", required=False, choices=[("", "Any"), *CatalogueEntry.Gender.choices]
    )

    def __init__(self, *args: Any, languages: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = engines.speech().languages
        cast(forms.ChoiceField, self.fields["language"]).choices = [
            ("", "Any"),
            *sorted(((code, names.get(code, code)) for code in languages), key=lambda item: item[1]),
        ]

    def narrow(self, voices: VoiceQuerySet) -> VoiceQuerySet:
        """Return those of the voices that fit what was asked."""
        asked = self.cleaned_data
        if asked["q"]:
            voices = voices.filter(Q(name__icontains=asked["q"]) | Q(entry__description__icontains=asked["q"]))
        for name in ("language", "style", "gender"):
            if asked[name]:
                voices = voices.filter(**{f"entry__{name}": asked[name]})
        return voices
